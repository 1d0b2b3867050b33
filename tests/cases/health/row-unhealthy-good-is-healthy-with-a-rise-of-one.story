rise 1
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 21
good 192.0.2.1
at 26
news 192.0.2.1 unhealthy healthy probe-good
expect global 192.0.2.1 192.0.2.2 ttl 60
