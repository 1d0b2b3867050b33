# What failed while nothing was answered may have been us: it has to fail again, of itself.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
cut
at 30
news all suspected
expect global 192.0.2.1 192.0.2.2
bad 192.0.2.1
mend
at 31
news 192.0.2.2 unhealthy healthy probe-good
news 192.0.2.1 unhealthy failing none
expect global 192.0.2.1 192.0.2.2
at 44
expect global 192.0.2.1 192.0.2.2
at 46
news 192.0.2.1 failing unhealthy probe-bad
expect global 192.0.2.2
at 90
settled
expect global 192.0.2.2
