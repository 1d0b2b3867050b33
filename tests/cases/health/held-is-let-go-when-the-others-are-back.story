# 40 of 200 may go; 60 are held. Most come back: five that are dead, four of them held, are no mass withdrawal any more, not even
# with all that went before them.
max_withdraw 20
cluster a ra: za
cluster b rb: zb
services 100 a b
at 2
bad a
at 18
total held 60
at 300  # time alone lets nobody go
total held 60
good a
bad 10.0.0.91 10.0.0.92 10.0.0.93 10.0.0.94 10.0.0.95
at 306  # who was held is good again at once; who is out has to rise
total held 4
expect s90:global 10.0.0.91 10.1.0.91
at 320
total held 0
news all none
expect s90:global 10.1.0.91
expect s0:global 10.0.0.1 10.1.0.1
