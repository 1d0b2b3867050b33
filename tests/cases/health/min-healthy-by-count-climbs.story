min_healthy 2
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1,192.0.2.2,192.0.2.3 b=192.0.2.4,192.0.2.5
at 1
bad 192.0.2.1
at 60
settled
expect za.ra 192.0.2.2 192.0.2.3
bad 192.0.2.2
at 100
settled
expect za.ra up
expect ra up
expect global 192.0.2.3 192.0.2.4 192.0.2.5
good 192.0.2.2
at 150
settled
expect za.ra 192.0.2.2 192.0.2.3
