# The order stands when the grace of rule 9 ends, and its end ends it.
ttl_min 5
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
force web a up
not-ready a
at 200
settled
expect global 192.0.2.1 192.0.2.2 ttl 60
expect za.ra 192.0.2.1 ttl 60
force web a auto
expect global 192.0.2.2
expect za.ra up
