failback hold
hold 60
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 60
good 192.0.2.1
at 80
port 81
at 82
news 192.0.2.1 unhealthy recovering rising
expect global 192.0.2.2
at 140
expect global 192.0.2.2
at 150
settled
expect global 192.0.2.1 192.0.2.2
