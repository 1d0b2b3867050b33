ttl_min 5
failback hold
hold 60
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 21
good 192.0.2.1
at 31
news 192.0.2.1 unhealthy recovering rising
news 192.0.2.1 recovering recovering hold
at 90
quiet
expect global 192.0.2.2 ttl 5
at 90.1
news 192.0.2.1 recovering healthy probe-good
expect global 192.0.2.1 192.0.2.2 ttl 60
