probe none
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
drain a
expect global 192.0.2.2
service web a=192.0.2.7,192.0.2.8 b=192.0.2.2
expect global 192.0.2.2
at 400
settled
expect global 192.0.2.2
total orders 1
undrain a
expect global 192.0.2.7 192.0.2.8 192.0.2.2
