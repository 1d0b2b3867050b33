ttl_min 5
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 10
drain a
expect global 192.0.2.2 ttl 5
expect za.ra up ttl 5
at 309
expect global 192.0.2.2 ttl 5
at 311  # nobody holds an old answer any more
expect global 192.0.2.2 ttl 60
settled
expect za.ra up ttl 60
at 86400
quiet
settled
expect global 192.0.2.2
total orders 1
undrain a
expect global 192.0.2.1 192.0.2.2
total orders 0
