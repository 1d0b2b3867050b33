# One is good while the other is bad: what is answered follows, and is never empty.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 4
flap 192.0.2.1 20 20
at 24
flap 192.0.2.2 20 20
at 56  # b is bad from 44: at 55 for the third time
expect global 192.0.2.1
at 76  # a from 64
expect global 192.0.2.2
at 80.1
expect global 192.0.2.2
at 1000
expect zb.rb 192.0.2.2
