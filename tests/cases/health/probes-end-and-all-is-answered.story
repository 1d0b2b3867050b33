cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 60
expect global 192.0.2.2
probe none
total targets 0
expect global 192.0.2.1 192.0.2.2
probe tcp
total targets 2
at 61
expect global 192.0.2.2
