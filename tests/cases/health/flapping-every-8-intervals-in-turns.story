# One is good while the other is bad: what is answered follows, and is never empty.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 4
flap 192.0.2.1 20 20
at 24
flap 192.0.2.2 20 20
at 74  # a good from 44, b bad from 44: at 55 it is the third
expect global 192.0.2.2
at 80.1
expect global 192.0.2.2
at 1000
expect zb.rb 192.0.2.2
