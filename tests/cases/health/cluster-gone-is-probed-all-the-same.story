# A service that lists it counts at the global level; probes tell whether it serves.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
cluster-gone a
at 20
expect global 192.0.2.1 192.0.2.2
bad 192.0.2.1
at 60
settled
expect global 192.0.2.2
