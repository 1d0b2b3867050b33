cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.1,192.0.2.2
service api a=192.0.2.1 b=192.0.2.3
total targets 3
at 1
bad 192.0.2.1
at 60
settled
expect web:global 192.0.2.2
expect api:global 192.0.2.3
expect web:za.ra up
service-gone web
total targets 2
service-gone api
total targets 0
