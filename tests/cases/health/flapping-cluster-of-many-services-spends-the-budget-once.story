# Each that comes back within the minute gives back what it took.
max_withdraw 50
cluster a ra: za
cluster b rb: zb
services 20 a b
at 4
flap a 25 25
at 1000
total held 0
