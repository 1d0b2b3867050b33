# Nobody answers: it may be us. All is answered, and an alarm raised.
cut
cluster a ra: za
cluster b rb: zb
service web a=192.0.2.1 b=192.0.2.2
at 1
expect global 192.0.2.1 192.0.2.2
at 10
news all suspected
at 60
settled
total suspected 1
expect global 192.0.2.1 192.0.2.2
