# The first result counts at once, a bad one as well: no minutes of `fall`.
bad 192.0.2.1
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
expect global 192.0.2.1 192.0.2.2
at 1
news 192.0.2.1 unknown unhealthy suspected
news 192.0.2.1 unhealthy unhealthy probe-bad
expect global 192.0.2.2 ttl 60
expect za.ra up
at 40
settled
expect global 192.0.2.2
