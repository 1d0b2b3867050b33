cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
drain a
at 1000
expect global 192.0.2.2
bad 192.0.2.2
at 1060
settled
expect global 192.0.2.1
good 192.0.2.2
at 1100
settled
expect global 192.0.2.2
