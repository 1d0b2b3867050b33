# A force is harder than a drain: who is forced down does not come in for want of a better one.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
force web a down
at 60
bad 192.0.2.2
at 120
expect global 192.0.2.2
