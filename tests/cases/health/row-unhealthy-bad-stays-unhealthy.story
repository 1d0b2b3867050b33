cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 16
news 192.0.2.1 failing unhealthy probe-bad
at 3600
quiet
settled
expect global 192.0.2.2 ttl 60
