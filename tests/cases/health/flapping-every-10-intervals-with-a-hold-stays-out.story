# A hold longer than the flapping: it goes out once and stays out.
failback hold
hold 60
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 4
flap 192.0.2.1 25 25
at 50
expect global 192.0.2.2
at 1000
expect global 192.0.2.2
expect za.ra up
