fall 5
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 4
flap 192.0.2.1 22.5 22.5
at 500
news 192.0.2.1 failing unhealthy probe-bad
settled
expect zb.rb 192.0.2.2
