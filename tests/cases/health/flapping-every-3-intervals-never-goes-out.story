cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 4
flap 192.0.2.1 7.5 7.5
at 300
expect global 192.0.2.1 192.0.2.2
settled
expect zb.rb 192.0.2.2
