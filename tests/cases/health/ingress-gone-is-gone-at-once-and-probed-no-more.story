cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
total targets 2
service web b=192.0.2.2
total targets 1
expect global 192.0.2.2
expect za.ra up
at 60
settled
expect global 192.0.2.2
