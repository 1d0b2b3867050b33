ttl_min 5
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 4
flap 192.0.2.1 5 5
at 300
expect global 192.0.2.1 192.0.2.2
news 192.0.2.1 healthy failing probe-bad
news 192.0.2.1 failing healthy probe-good
expect za.ra 192.0.2.1
settled  # after a restart it may be out: its first result counts, and it is never good twice
expect zb.rb 192.0.2.2
