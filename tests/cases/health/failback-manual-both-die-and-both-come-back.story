# The first one back is taken in; the other one waits.
failback manual
self_checks 1
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1 192.0.2.2
at 60
good 192.0.2.2
at 71
expect global 192.0.2.2
good 192.0.2.1
at 3600
expect global 192.0.2.2
