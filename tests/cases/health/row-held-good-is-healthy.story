max_withdraw 25
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 16
news 192.0.2.1 failing unhealthy held
news all held
expect global 192.0.2.1 192.0.2.2
total held 1
good 192.0.2.1
at 21
news 192.0.2.1 unhealthy healthy probe-good
news all none
total held 0
settled
expect global 192.0.2.1 192.0.2.2 ttl 60
