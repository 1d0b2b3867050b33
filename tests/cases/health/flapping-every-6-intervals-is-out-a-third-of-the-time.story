cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 4
flap 192.0.2.1 15 15
at 30  # bad from 19: at 20, 25, 30
expect global 192.0.2.1 192.0.2.2
at 30.1
expect global 192.0.2.2
at 40  # good from 34: at 35, 40
expect global 192.0.2.2
at 40.1
expect global 192.0.2.1 192.0.2.2
at 60.1
expect global 192.0.2.2
at 400
settled
expect zb.rb 192.0.2.2
