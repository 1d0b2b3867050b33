# The drained one was stopped, as it was meant to be: the last healthy set is answered.
self_checks 1
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
drain a
at 1000
bad 192.0.2.1
at 2000
bad 192.0.2.2
at 2060
expect global 192.0.2.2
