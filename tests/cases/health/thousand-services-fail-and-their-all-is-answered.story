# Both clusters die: half of the addresses may go, the rest is held, and no name is without an answer.
max_withdraw 50
cluster a ra: za
cluster b rb: zb
cluster c rc: zc
services 300 a b c
at 2
bad a b
at 20
total held 150
expect s0:global 10.2.0.1
at 90
total held 150
approve 150
expect s0:global 10.2.0.1
expect s299:global 10.2.1.50
