# Four namespaces that lose all but one address each: a third would be a share, and it is no mass withdrawal.
max_withdraw 33
withdraw_free 10
cluster a ra: za
cluster b rb: zb
cluster c rc: zc
tenant t0 0 1 a b c
tenant t1 1 1 a b c
tenant t2 2 1 a b c
tenant t3 3 1 a b c
at 2
bad a b
at 20
total held 0
settled
expect t0/s0:global 10.2.0.1
expect t3/s3:global 10.2.0.4
