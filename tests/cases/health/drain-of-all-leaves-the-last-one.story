cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
drain a
at 100
drain b
expect global 192.0.2.2
at 200
settled
expect global 192.0.2.2
