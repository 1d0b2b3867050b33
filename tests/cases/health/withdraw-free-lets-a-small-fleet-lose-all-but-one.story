# Two of three in a minute are two thirds, and no mass withdrawal: nobody has to come and look.
max_withdraw 50
withdraw_free 10
cluster a1 ra: za
cluster a2 ra: zc
cluster b rb: zb
service web a1=192.0.2.1 a2=192.0.2.2 b=192.0.2.3
at 2
bad a1 a2
at 20
total held 0
settled
expect global 192.0.2.3
expect za.ra up
