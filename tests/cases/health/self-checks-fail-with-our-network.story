self_checks 1
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
cut
at 60
total suspected 1
expect global 192.0.2.1 192.0.2.2
mend
at 90
settled
total suspected 0
expect global 192.0.2.1 192.0.2.2
