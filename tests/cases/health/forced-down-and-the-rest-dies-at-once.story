# However soon after: an order is of its own moment, and not what probes come to know one after the other.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
force web a down
at 11
bad 192.0.2.2
at 26
news 192.0.2.2 failing unhealthy probe-bad
expect global 192.0.2.2
at 100
settled
expect global 192.0.2.2
