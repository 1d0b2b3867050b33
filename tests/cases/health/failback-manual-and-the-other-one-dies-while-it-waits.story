failback manual
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 60
good 192.0.2.1
at 80
expect global 192.0.2.2
bad 192.0.2.2
at 96
expect global 192.0.2.1 ttl 60
good 192.0.2.2
at 3600
expect global 192.0.2.1
expect zb.rb up
force web b auto
expect global 192.0.2.1 192.0.2.2
