# Whoever waits for somebody's word does so by another check as well: its first good result is no word.
failback manual
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 60
good 192.0.2.1
at 80
expect global 192.0.2.2
port 81
expect global 192.0.2.2
at 200
expect global 192.0.2.2 ttl 60
expect za.ra up
force web a auto
expect global 192.0.2.1 192.0.2.2
