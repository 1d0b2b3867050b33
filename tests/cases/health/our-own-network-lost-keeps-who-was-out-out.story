cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 60
expect global 192.0.2.2
cut
at 600
expect global 192.0.2.2
mend
at 700
settled
expect global 192.0.2.2
