# Unseen, and its probes are fine: nothing is withdrawn.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
unseen a
at 86400
quiet
settled
expect global 192.0.2.1 192.0.2.2
expect za.ra 192.0.2.1
ready a
at 86500
settled
expect global 192.0.2.1 192.0.2.2
