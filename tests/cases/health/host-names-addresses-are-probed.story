cluster a ra: za
cluster b rb: zb
service web a=lb.example.net b=192.0.2.2
host lb.example.net 192.0.2.5
at 1
bad 192.0.2.5
at 60
settled
expect global 192.0.2.2
at 70
host lb.example.net 192.0.2.6
at 80
settled
expect global 192.0.2.6 192.0.2.2
