ttl_min 5
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 11
expect global 192.0.2.1 192.0.2.2 ttl 5
good 192.0.2.1
at 16
news 192.0.2.1 healthy failing probe-bad
news 192.0.2.1 failing healthy probe-good
expect global 192.0.2.1 192.0.2.2 ttl 60
bad 192.0.2.1
at 26  # the row begins anew: two bad ones are not three
expect global 192.0.2.1 192.0.2.2 ttl 5
at 31
expect global 192.0.2.2
at 80
settled
expect global 192.0.2.2
