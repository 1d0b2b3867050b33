cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
force web a down
expect global 192.0.2.2
at 60
settled
expect global 192.0.2.2 ttl 60
force web a auto
expect global 192.0.2.1 192.0.2.2
