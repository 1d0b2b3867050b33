# Nobody else answers: it is answered all the while, and has nothing to come back from.
failback manual
cluster a ra: za
service web a=192.0.2.1
at 1
bad 192.0.2.1
at 16
news 192.0.2.1 failing unhealthy suspected
expect global 192.0.2.1
at 21
news all suspected
at 60
expect global 192.0.2.1
total suspected 1
good 192.0.2.1
at 61
news 192.0.2.1 unhealthy healthy probe-good
news all none
total suspected 0
settled
expect global 192.0.2.1
