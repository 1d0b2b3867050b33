# As quick as the probes: they see one side of it. That is the limit of asking.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 4
flap 192.0.2.1 2.5 2.5
at 300
quiet
expect global 192.0.2.1 192.0.2.2 ttl 60
