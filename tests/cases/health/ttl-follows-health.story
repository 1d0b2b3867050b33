ttl_min 5
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
expect global 192.0.2.1 192.0.2.2 ttl 60
bad 192.0.2.1
at 6
expect global 192.0.2.1 192.0.2.2 ttl 5
expect za.ra 192.0.2.1 ttl 5
expect zb.rb 192.0.2.2 ttl 60
at 16
expect global 192.0.2.2 ttl 60
expect za.ra up ttl 60
good 192.0.2.1
at 21
expect global 192.0.2.2 ttl 5
expect za.ra up ttl 5
at 26
expect global 192.0.2.1 192.0.2.2 ttl 60
expect za.ra 192.0.2.1 ttl 60
drain b
expect global 192.0.2.1 ttl 5
expect zb.rb up ttl 5
