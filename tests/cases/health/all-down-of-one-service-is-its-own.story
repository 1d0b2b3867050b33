cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2 all_down=empty
service api a=192.0.2.1 b=192.0.2.2
service far b=192.0.2.9
at 1
bad 192.0.2.1 192.0.2.2
at 60
settled
expect web:global nodata
expect api:global 192.0.2.1 192.0.2.2
