# 0 %: an operator looks at each, however few.
max_withdraw 0
withdraw_free 10
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 60
total held 1
expect global 192.0.2.1 192.0.2.2
approve 1
expect global 192.0.2.2
