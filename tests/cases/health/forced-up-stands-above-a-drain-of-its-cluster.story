cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
service api a=192.0.2.3 b=192.0.2.4
at 1
drain a
force web a up
at 60
settled
expect web:global 192.0.2.1 192.0.2.2
expect api:global 192.0.2.4
