# Now it answers at once, now just within its time, as who has all the load to itself does: that is no silence. The other
# one is dead, and goes.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 6
slow 192.0.2.2 1.9
bad 192.0.2.1
at 26
news 192.0.2.1 healthy failing probe-bad
news 192.0.2.1 failing unhealthy probe-bad
settled
expect global 192.0.2.2
expect za.ra up
at 60
settled
expect global 192.0.2.2
expect zb.rb 192.0.2.2
quiet
