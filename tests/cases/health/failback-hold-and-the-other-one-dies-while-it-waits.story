# It serves, and the other one does not: it is taken in before its time, and it stays in.
failback hold
hold 600
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
at 90
expect global 192.0.2.2
at 91
expect global 192.0.2.1
expect za.ra 192.0.2.1
expect zb.rb up
good 192.0.2.2
at 150  # now b waits for its hold, for a serves
expect global 192.0.2.1
at 671
expect global 192.0.2.1
at 720
expect global 192.0.2.1 192.0.2.2
