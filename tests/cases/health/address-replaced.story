# A new address is answered at once, and judged by its own first result.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 60
expect global 192.0.2.2
service web a=192.0.2.7 b=192.0.2.2
total targets 2
expect global 192.0.2.7 192.0.2.2
at 61
news 192.0.2.7 unknown healthy probe-good
expect za.ra 192.0.2.7
at 120
settled
expect global 192.0.2.7 192.0.2.2
