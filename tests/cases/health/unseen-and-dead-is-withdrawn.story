cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
unseen a
at 20
bad a
at 60
settled
expect global 192.0.2.2
good a
at 100
settled
expect global 192.0.2.1 192.0.2.2
