self_checks 2
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
service api b=192.0.2.12
at 1
self 0 bad
self 1 bad
bad 192.0.2.1
at 60
news all suspected
expect global 192.0.2.1 192.0.2.2
self 1 good
at 61
expect global 192.0.2.1 192.0.2.2
at 80
news all none
expect global 192.0.2.2
