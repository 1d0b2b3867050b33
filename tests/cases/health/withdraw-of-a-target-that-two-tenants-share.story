# Tenant t1 has used up its share. t2 lists the same address as one of t1's, and does not wait for t1.
max_withdraw 50
cluster a ra: za
cluster b rb: zb
cluster c rc: zc
tenant t1 0 10 a b
service t2/web a=10.0.0.100 c=192.0.2.1
service t1/web a=10.0.0.100 c=192.0.2.2
at 2
bad 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7 10.0.0.8 10.0.0.9 10.0.0.10 10.1.0.1 10.1.0.2
at 20
total held 1
bad 10.0.0.100
at 40
total held 1
expect t2/web:global 192.0.2.1
expect t1/web:global 192.0.2.2
