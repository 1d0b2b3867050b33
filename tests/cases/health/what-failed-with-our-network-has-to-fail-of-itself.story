# Two of its three bad results were ours.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
cut
at 11
bad 192.0.2.1
mend
at 30
expect global 192.0.2.1 192.0.2.2
at 31
expect global 192.0.2.2
