fallback flatten
cluster a1 ra: za
cluster a2 ra: zc
cluster b rb: zb
service web a1=192.0.2.1 a2=192.0.2.2 b=192.0.2.3
at 2
bad a1 a2
at 60
settled
expect global 192.0.2.3
expect ra 192.0.2.3
expect za.ra 192.0.2.3
