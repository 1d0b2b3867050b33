min_healthy 50%
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.6 b=192.0.2.4,192.0.2.5
at 1
bad 192.0.2.1 192.0.2.2
at 60
settled
expect za.ra 192.0.2.3 192.0.2.6
bad 192.0.2.3
at 100
settled
expect za.ra up
expect global 192.0.2.4 192.0.2.5 192.0.2.6
