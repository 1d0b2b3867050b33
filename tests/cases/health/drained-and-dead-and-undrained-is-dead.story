cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
drain a
bad 192.0.2.1
at 60
expect global 192.0.2.2
undrain a
settled
expect global 192.0.2.2
