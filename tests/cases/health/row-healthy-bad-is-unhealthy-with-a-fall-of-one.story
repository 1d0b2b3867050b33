fall 1
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2,192.0.2.3
at 1
bad 192.0.2.3
at 5.2
expect global 192.0.2.1 192.0.2.2 192.0.2.3
at 5.3  # it was asked last: only the next answer of another one shows that our own network works
news 192.0.2.3 healthy unhealthy suspected
expect global 192.0.2.1 192.0.2.2 192.0.2.3
at 10.1
news 192.0.2.3 unhealthy unhealthy probe-bad
expect global 192.0.2.1 192.0.2.2
at 60
settled
expect global 192.0.2.1 192.0.2.2
