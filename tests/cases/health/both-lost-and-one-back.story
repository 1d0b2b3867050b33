# Nothing answers: it may be us, so all stays. As soon as one answers, the other has to, too.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1 192.0.2.2
at 120
expect global 192.0.2.1 192.0.2.2
total suspected 1
good 192.0.2.2
at 121
total suspected 0
expect global 192.0.2.1 192.0.2.2
at 136
expect global 192.0.2.2
at 180
settled
expect global 192.0.2.2
good 192.0.2.1
at 220
settled
expect global 192.0.2.1 192.0.2.2
