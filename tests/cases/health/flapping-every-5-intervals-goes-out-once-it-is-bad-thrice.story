# 12.5 s bad are three probes at times, and then two good ones bring it back.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 7
flap 192.0.2.1 12.5 12.5
at 400
news 192.0.2.1 failing unhealthy probe-bad
news 192.0.2.1 unhealthy recovering rising
news 192.0.2.1 recovering healthy probe-good
settled
expect zb.rb 192.0.2.2
