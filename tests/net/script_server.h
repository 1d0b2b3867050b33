/* script_server: a DNS server on the test's own loop that answers by the first label of the name
 * asked. UDP and TCP. */
#ifndef FEDNS_TESTS_SCRIPT_SERVER_H
#define FEDNS_TESTS_SCRIPT_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/* First label   what the server does
 *   good        A 192.0.2.1 and 192.0.2.2, TTL 120 and 90; AAAA 2001:db8::1, TTL 70
 *   chain       CNAME to chain2 (TTL 25), A 192.0.2.3 (TTL 300)
 *   nodata      no record, SOA of TTL 600 and MINIMUM 40
 *   noname      NXDOMAIN, SOA of TTL 50 and MINIMUM 600
 *   servfail    SERVFAIL
 *   silent      nothing
 *   garbage     the question's header, then octets that are no message
 *   forged      first replies with another ID, to another question and from another port, then the
 * right one full        with AA, a record in each section refused     REFUSED large       truncated
 * by UDP; 100 addresses by TCP hold...     nothing until script_release(), then as good */
struct script_server {
	uv_udp_t udp;
	uv_tcp_t tcp;
	char text[32];      /* "127.0.0.1:PORT" */
	unsigned asked;     /* queries by UDP */
	uint8_t query[512]; /* the last, by whatever */
	size_t query_size;
	unsigned held_count, held_max;
	struct script_held *held; /* in order */
	bool holding;
	char received[4096]; /* one at a time: used within a callback */
};

void script_start(struct script_server *server, uv_loop_t *loop);
/** Answer all that are held, and hold no more. */
void script_release(struct script_server *server);
/** Close; the loop must run until the handles have closed. */
void script_stop(struct script_server *server);

#endif
