cluster a ra: za
cluster b rb: zb
services 1000 a b
at 2
bad a
at 18
total held 0
expect s0:global 10.1.0.1
expect s999:global 10.1.3.250
at 48
settled
expect s500:global 10.1.2.1
