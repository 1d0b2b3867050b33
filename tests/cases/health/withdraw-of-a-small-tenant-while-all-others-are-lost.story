# Twelve namespaces of four addresses lose all they have: 16 go (four times withdraw_free), and one of each that had lost
# none until then. A thirteenth loses one of its four, and that is its share.
max_withdraw 25
withdraw_free 4
cluster a ra: za
cluster b rb: zb
cluster c rc: zc
cluster d rd: zd
tenant t0 0 2 a b
tenant t1 2 2 a b
tenant t2 4 2 a b
tenant t3 6 2 a b
tenant t4 8 2 a b
tenant t5 10 2 a b
tenant t6 12 2 a b
tenant t7 14 2 a b
tenant t8 16 2 a b
tenant t9 18 2 a b
tenant t10 20 2 a b
tenant t11 22 2 a b
tenant late 100 2 c d
at 2
bad a b
at 18
total held 29
bad 10.0.0.101
at 40
total held 29
expect late/s100:global 10.1.0.101
