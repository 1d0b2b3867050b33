# Two of three are more than max_withdraw: what is above it is answered until somebody looked.
max_withdraw 50
cluster a1 ra: za
cluster a2 ra: zc
cluster b rb: zb
service web a1=192.0.2.1 a2=192.0.2.2 b=192.0.2.3
at 2
bad a1 a2
at 60
total held 1
expect global 192.0.2.2 192.0.2.3
approve 1
expect global 192.0.2.3
