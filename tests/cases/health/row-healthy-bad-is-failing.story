ttl_min 5
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 6
news 192.0.2.1 healthy failing probe-bad
expect global 192.0.2.1 192.0.2.2 ttl 5
expect za.ra 192.0.2.1 ttl 5
expect zb.rb 192.0.2.2 ttl 60
