cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 60
expect global 192.0.2.2
force web a up
expect global 192.0.2.1 192.0.2.2
at 120
settled
expect global 192.0.2.1 192.0.2.2
force web a auto
expect global 192.0.2.2
