failback manual
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 30
good 192.0.2.1
at 100
expect global 192.0.2.2
failback preempt
at 101
expect global 192.0.2.1 192.0.2.2
