cluster a ra: za
cluster b rb: zb
services 100 a b
at 2
cut
at 21
expect s0:global 10.0.0.1 10.1.0.1
at 25
news all suspected
total suspected 1
at 3600
expect s99:global 10.0.0.100 10.1.0.100
mend
at 3606
news all none
total suspected 0
at 3650
settled
expect s99:global 10.0.0.100 10.1.0.100
expect s0:global 10.0.0.1 10.1.0.1
