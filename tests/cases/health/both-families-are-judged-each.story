cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1,2001:db8::1 b=192.0.2.2,2001:db8::2
at 1
bad 2001:db8::1
at 60
settled
expect global 192.0.2.1 192.0.2.2 2001:db8::2
bad 192.0.2.1
at 100
settled
expect global 192.0.2.2 2001:db8::2
expect za.ra up
