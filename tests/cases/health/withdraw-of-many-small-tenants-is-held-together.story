# Thirty namespaces of four addresses each: a fifth of their 120 may go in a minute, whoever comes first.
max_withdraw 20
withdraw_free 5
cluster a ra: za
cluster b rb: zb
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
tenant t12 24 2 a b
tenant t13 26 2 a b
tenant t14 28 2 a b
tenant t15 30 2 a b
tenant t16 32 2 a b
tenant t17 34 2 a b
tenant t18 36 2 a b
tenant t19 38 2 a b
tenant t20 40 2 a b
tenant t21 42 2 a b
tenant t22 44 2 a b
tenant t23 46 2 a b
tenant t24 48 2 a b
tenant t25 50 2 a b
tenant t26 52 2 a b
tenant t27 54 2 a b
tenant t28 56 2 a b
tenant t29 58 2 a b
at 2
bad a
at 20
total held 36
