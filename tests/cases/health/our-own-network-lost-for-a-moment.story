# Shorter than `fall`: a failing target is healthy again, and nobody hears of more.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
cut
at 12
mend
at 26
expect global 192.0.2.1 192.0.2.2 ttl 60
news 192.0.2.1 failing healthy probe-good
total suspected 0
