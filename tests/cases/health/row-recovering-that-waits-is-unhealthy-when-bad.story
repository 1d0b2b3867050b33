failback hold
hold 60
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 21
good 192.0.2.1
at 31
news 192.0.2.1 recovering recovering hold
bad 192.0.2.1
at 36
news 192.0.2.1 recovering unhealthy probe-bad
good 192.0.2.1
at 46  # the hold begins anew
news 192.0.2.1 recovering recovering hold
at 105
expect global 192.0.2.2
at 106
expect global 192.0.2.1 192.0.2.2
