# web has nothing else, api has: one is taken in early, the other one waits.
failback manual
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
service api a=192.0.2.1 b=192.0.2.3
at 1
bad 192.0.2.1
at 60
good 192.0.2.1
bad 192.0.2.2
at 90
expect web:global 192.0.2.1
expect api:global 192.0.2.3
