# Nobody meant that: it serves, and the rest is dead.
ttl_min 5
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.2
at 60
expect global 192.0.2.1
drain a
expect global 192.0.2.1 ttl 5
at 120
settled
expect global 192.0.2.1
good 192.0.2.2
at 160
settled
expect global 192.0.2.2
expect za.ra up
