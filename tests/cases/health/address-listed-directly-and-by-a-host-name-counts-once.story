cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1,lb.example.net b=192.0.2.2
host lb.example.net 192.0.2.1,192.0.2.5
total targets 3
at 1
bad 192.0.2.1
at 60
settled
expect global 192.0.2.2 192.0.2.5
expect za.ra 192.0.2.5
