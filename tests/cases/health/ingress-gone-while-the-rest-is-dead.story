# What the source says stands: the dead one is the last one.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
service api a=192.0.2.11
at 1
bad 192.0.2.2
at 60
expect global 192.0.2.1
service web b=192.0.2.2
expect global 192.0.2.2
at 100
settled
expect global 192.0.2.2
