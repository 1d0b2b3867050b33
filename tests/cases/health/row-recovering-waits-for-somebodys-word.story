ttl_min 5
failback manual
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 21
good 192.0.2.1
at 31
news 192.0.2.1 recovering recovering hold
at 86400
quiet
expect global 192.0.2.2 ttl 60
force web a auto
expect global 192.0.2.1 192.0.2.2
news 192.0.2.1 recovering healthy probe-good
