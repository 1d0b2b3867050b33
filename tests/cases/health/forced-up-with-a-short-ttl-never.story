ttl_min 5
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
force web a up
bad 192.0.2.1
at 6
expect global 192.0.2.1 192.0.2.2 ttl 60
