# Whoever drained the first one was told when it is safe to stop: it does not come back for the second one's sake.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
drain a
at 12
expect global 192.0.2.2
drain b
expect global 192.0.2.2
at 100
settled
expect global 192.0.2.2
