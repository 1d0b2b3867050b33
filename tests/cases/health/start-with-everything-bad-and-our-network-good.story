self_checks 1
bad 192.0.2.1 192.0.2.2
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 60
settled
total suspected 0
expect global 192.0.2.1 192.0.2.2
