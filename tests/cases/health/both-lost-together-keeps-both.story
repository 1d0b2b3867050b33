cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
service api a=192.0.2.11
at 1
bad 192.0.2.1 192.0.2.2
at 60
settled
expect global 192.0.2.1 192.0.2.2
good 192.0.2.2
at 100
settled
expect global 192.0.2.2
expect za.ra up
