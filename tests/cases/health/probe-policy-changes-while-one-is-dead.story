# Another check is another target: until its first result what was out stays out.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 60
expect global 192.0.2.2
port 81
expect global 192.0.2.2
at 61
expect global 192.0.2.2
good 192.0.2.1
at 62
port 82
expect global 192.0.2.2
at 63
news 192.0.2.1 unknown healthy probe-good
expect global 192.0.2.1 192.0.2.2
