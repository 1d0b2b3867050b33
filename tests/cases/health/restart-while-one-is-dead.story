cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 60
expect global 192.0.2.2
restart  # nothing is known: all is answered until the first results, which count at once
expect global 192.0.2.1 192.0.2.2
at 61
expect global 192.0.2.2
