max_withdraw 25
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 16
total held 1
approve 1
news 192.0.2.1 unhealthy unhealthy probe-bad
news all none
expect global 192.0.2.2
total held 0
approve 0
at 80
expect global 192.0.2.2
