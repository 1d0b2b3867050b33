max_withdraw 10
withdraw_free 10
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
bad 192.0.2.1
at 20
total held 0
settled
expect global 192.0.2.2
