cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 60
expect global 192.0.2.2
bad 192.0.2.2
at 120  # b may be us
expect global 192.0.2.2
good 192.0.2.1
at 126
expect global 192.0.2.1 192.0.2.2
at 136
expect global 192.0.2.1
expect zb.rb up
at 180
settled
expect global 192.0.2.1
