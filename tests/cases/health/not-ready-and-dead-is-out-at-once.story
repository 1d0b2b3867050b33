# Probes are sooner than the grace.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
not-ready a
bad a
at 26
expect global 192.0.2.2
at 300
ready a
at 310
expect global 192.0.2.2
