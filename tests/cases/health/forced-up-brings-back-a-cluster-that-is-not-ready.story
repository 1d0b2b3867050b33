# Rule 9 withdraws a cluster; of one service in it an operator knows better.
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
service api a=192.0.2.3 b=192.0.2.4
at 10
not-ready a
at 80
settled
expect web:global 192.0.2.2
force web a up
expect web:global 192.0.2.1 192.0.2.2
expect web:za.ra 192.0.2.1
expect api:global 192.0.2.4
expect api:za.ra up
at 200
settled
expect web:global 192.0.2.1 192.0.2.2
expect web:za.ra 192.0.2.1
expect api:global 192.0.2.4
bad 192.0.2.2 192.0.2.1
at 260  # and it is the only one that serves, for its word is an operator's
settled
expect web:global 192.0.2.1
force web a auto
at 300  # nothing serves: those that went out last are answered
expect web:global 192.0.2.2
