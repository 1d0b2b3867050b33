# Half of 18 would be 9, so 10 may go. Twelve die.
max_withdraw 50
withdraw_free 10
cluster a ra: za
cluster b rb: zb
tenant t 0 12 a
tenant t 100 6 b
at 2
bad a
at 30
total held 2
approve 2
total held 0
