# The whole life of an address: healthy, failing, unhealthy, recovering, healthy.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
ttl_min 5
at 1
news 192.0.2.1 unknown healthy probe-good
expect global 192.0.2.1 192.0.2.2 ttl 60
bad 192.0.2.1
at 6
news 192.0.2.1 healthy failing probe-bad
expect global 192.0.2.1 192.0.2.2 ttl 5
at 11
quiet
at 16
news 192.0.2.1 failing unhealthy probe-bad
expect global 192.0.2.2 ttl 60
expect za.ra up
expect ra up
at 50
settled
expect global 192.0.2.2 ttl 60
expect za.ra up
good 192.0.2.1
at 51
news 192.0.2.1 unhealthy recovering rising
expect global 192.0.2.2 ttl 5
at 56
news 192.0.2.1 recovering healthy probe-good
at 90
settled
expect global 192.0.2.1 192.0.2.2 ttl 60
expect za.ra 192.0.2.1
