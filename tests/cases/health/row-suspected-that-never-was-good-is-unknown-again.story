cut
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 30
news 192.0.2.1 unknown unhealthy suspected
news all suspected
expect global 192.0.2.1 192.0.2.2
bad 192.0.2.1
mend
at 31
news 192.0.2.2 unhealthy healthy probe-good
news 192.0.2.1 unhealthy unknown none
at 36
news 192.0.2.1 unknown unhealthy probe-bad
expect global 192.0.2.2
at 80
settled
expect global 192.0.2.2
