# Tenant t1 loses 80 of its 100, so that 30 are held. The others' shares are theirs: t2 may lose half of its own, and t3,
# which is small, all but one of what little it has.
max_withdraw 50
withdraw_free 10
cluster a ra: za
cluster b rb: zb
cluster c rc: zc
cluster d rd: zd
cluster e re: ze
cluster f rf: zf
tenant t1 0 40 a b
tenant t1 100 20 c
tenant t2 200 20 d e
tenant t3 300 1 d e f
at 2
bad a b
at 20
total held 30
bad d
at 40
total held 30
expect t2/s200:global 10.1.0.201
expect t3/s300:global 10.1.1.51 10.2.1.51
bad 10.1.1.51
at 60
total held 30
expect t3/s300:global 10.2.1.51
bad e
at 78  # half of t2 went within this minute
total held 50
at 600
total held 50
