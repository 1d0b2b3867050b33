# The first result counts at once.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
total targets 2
expect global 192.0.2.1 192.0.2.2
at 1
news 192.0.2.1 unknown healthy probe-good
news 192.0.2.2 unknown healthy probe-good
settled
expect global 192.0.2.1 192.0.2.2 ttl 60
