rise 3
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 21
good 192.0.2.1
at 31
news 192.0.2.1 unhealthy recovering rising
bad 192.0.2.1
at 36
news 192.0.2.1 recovering unhealthy probe-bad
expect global 192.0.2.2
good 192.0.2.1
at 46  # two of three: the row began anew
expect global 192.0.2.2
at 51
expect global 192.0.2.1 192.0.2.2
