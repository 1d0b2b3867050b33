probe none
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
not-ready a
at 80
settled
expect global 192.0.2.2
force web a up
expect global 192.0.2.1 192.0.2.2
force web a down
expect global 192.0.2.2
force web a auto
settled
expect global 192.0.2.2
ready a
settled
expect global 192.0.2.1 192.0.2.2
