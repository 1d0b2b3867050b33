cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 15
expect global 192.0.2.1 192.0.2.2
at 15.1
news 192.0.2.1 failing unhealthy probe-bad
expect global 192.0.2.2
at 60
settled
expect global 192.0.2.2
