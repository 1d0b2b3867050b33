cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
not-ready a
at 69
expect global 192.0.2.1 192.0.2.2
at 71
expect global 192.0.2.2
expect za.ra up
at 200
settled
expect global 192.0.2.2
ready a
at 201
expect global 192.0.2.1 192.0.2.2
