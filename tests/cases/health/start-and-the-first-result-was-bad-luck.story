bad 192.0.2.1
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
expect global 192.0.2.2
good 192.0.2.1
at 11
expect global 192.0.2.1 192.0.2.2
