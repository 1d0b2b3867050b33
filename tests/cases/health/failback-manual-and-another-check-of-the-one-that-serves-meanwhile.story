# It waits, and is answered, for nothing else serves. Another check takes it out for no moment.
failback manual
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 60
good 192.0.2.1
at 80
bad 192.0.2.2
at 96
expect global 192.0.2.1
port 81
expect global 192.0.2.1
at 97
expect global 192.0.2.1
at 200
settled
expect global 192.0.2.1
expect zb.rb up
