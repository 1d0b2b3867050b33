# The order is of a name: it waits for it.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
drain a
service web b=192.0.2.2
cluster-gone a
at 100
cluster a ra: za
service web a=192.0.2.1 b=192.0.2.2
settled
expect global 192.0.2.2
