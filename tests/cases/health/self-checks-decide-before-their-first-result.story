# Our uplink is gone, `b` is on this host and answers. After a reload or a start self checks take their time to fail; what
# is near proves nothing meanwhile.
self_checks 1
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 60
self 0 bad
bad 192.0.2.1
at 120
total suspected 1
fall 4
at 121
expect global 192.0.2.1 192.0.2.2
at 180
settled
expect global 192.0.2.1 192.0.2.2
total suspected 1
self 0 good
at 260
settled
expect global 192.0.2.2
