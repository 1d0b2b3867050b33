rise 4
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 21
good 192.0.2.1
at 40
expect global 192.0.2.2
at 41
news 192.0.2.1 recovering healthy probe-good
expect global 192.0.2.1 192.0.2.2
at 90
settled
expect global 192.0.2.1 192.0.2.2
