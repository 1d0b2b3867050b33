# The minute of max_withdraw is over soon; who is held is held until it recovers or is let go.
max_withdraw 25
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 86400
expect global 192.0.2.1 192.0.2.2
total held 1
max_withdraw 100
expect global 192.0.2.2
total held 0
