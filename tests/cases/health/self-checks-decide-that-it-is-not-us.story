# All that is probed is dead, and our own network works for certain: the last set is answered.
self_checks 1
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 60
expect global 192.0.2.2
bad 192.0.2.2
at 120
total suspected 0
expect global 192.0.2.2
news 192.0.2.2 failing unhealthy probe-bad
