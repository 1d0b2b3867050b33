max_withdraw 50
cluster a ra: za
cluster b rb: zb
services 1000 a b
at 2
cut
at 60
total suspected 1
total held 0
mend
at 61
expect s0:global 10.0.0.1 10.1.0.1
at 70
total suspected 0
total held 0
settled
expect s0:global 10.0.0.1 10.1.0.1
expect s999:global 10.0.3.250 10.1.3.250
