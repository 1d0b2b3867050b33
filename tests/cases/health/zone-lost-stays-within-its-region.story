cluster a1 ra: za
cluster a2 ra: zc
cluster b rb: zb
service web a1=192.0.2.1 a2=192.0.2.2 b=192.0.2.3
at 2
bad a1
at 60
settled
expect za.ra up
expect ra 192.0.2.2
expect zc.ra 192.0.2.2
expect global 192.0.2.2 192.0.2.3
