cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.7
at 20
service web a=192.0.2.7 b=192.0.2.2
expect global 192.0.2.7 192.0.2.2
at 21
expect global 192.0.2.2
at 60
settled
expect global 192.0.2.2
