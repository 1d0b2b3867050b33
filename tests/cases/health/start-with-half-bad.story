# First results count at once: within a second half of it is out, whatever max_withdraw says.
max_withdraw 10
bad 10.0.0.1 10.0.0.2 10.0.0.3
cluster a ra: za
cluster b rb: zb
services 3 a b
at 1
total held 0
expect s0:global 10.1.0.1
expect s1:global 10.1.0.2
expect s2:global 10.1.0.3
at 50
settled
expect s2:global 10.1.0.3
