max_withdraw 20
cluster a ra: za
cluster b rb: zb
services 1000 a b
at 2
total targets 2000
expect s113:global 10.0.0.114 10.1.0.114
bad a
at 18
news all held
total held 600
expect s0:global 10.1.0.1
expect s113:global 10.0.0.114 10.1.0.114
approve 600
news all none
expect s113:global 10.1.0.114
expect s113:za.ra up
good a
at 40
total held 0
settled
expect s0:global 10.0.0.1 10.1.0.1
expect s113:global 10.0.0.114 10.1.0.114
