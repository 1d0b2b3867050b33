# A level without an address that serves climbs by a CNAME, up to one that has any.
cluster a1 ra: za
cluster a2 ra: zc
cluster b rb: zb
service web a1=192.0.2.1 a2=192.0.2.2 b=192.0.2.3
at 2
bad a1 a2
at 17
expect global 192.0.2.3
expect ra up
expect za.ra up
expect zc.ra up
expect rb 192.0.2.3
at 60
settled
expect global 192.0.2.3
expect ra up
good a1
at 90
settled
expect ra 192.0.2.1
expect za.ra 192.0.2.1
expect zc.ra up
expect global 192.0.2.1 192.0.2.3
