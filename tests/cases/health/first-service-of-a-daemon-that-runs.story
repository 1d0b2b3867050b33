# Nothing was asked for an hour: that silence says nothing of our own network.
cluster a ra: za
cluster b rb: zb
service far c=
at 3600
bad 192.0.2.1
service web a=192.0.2.1 b=192.0.2.2
at 3601
expect global 192.0.2.2
at 3700
settled
expect global 192.0.2.2
