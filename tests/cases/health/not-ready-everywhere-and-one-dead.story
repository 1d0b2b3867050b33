cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
service api a=192.0.2.11 b=192.0.2.12
at 10
not-ready a
not-ready b
bad 192.0.2.1
at 300
expect global 192.0.2.2
