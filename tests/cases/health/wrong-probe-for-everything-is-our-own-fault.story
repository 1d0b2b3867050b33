# A new check that nothing answers: it is suspected, and nothing is withdrawn.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
service api a=192.0.2.11 b=192.0.2.12
at 30
cut
port 81
at 90
expect global 192.0.2.1 192.0.2.2
expect api:global 192.0.2.11 192.0.2.12
total suspected 1
