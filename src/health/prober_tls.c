/* https: TLS on a socket as those of http. */
#include "prober_internal.h"

#include <errno.h>

#define ROOTS_RETRY_MS 10000

/* Without the system's roots nobody can prove anything, and https waits; the others don't. That
 * they can't be read anew is said, and those of before stay. */
static bool context_ready(struct prober *prober)
{
	struct why why = {{0}};
	struct tls_context *made;
	bool verify = prober->manner->policy.verify;
	bool usable = prober->tls != NULL && (prober->tls_roots || !verify);
	int64_t now_ms = prober_now_ms();
	if ((usable && !(prober->tls_old && verify)) || now_ms < prober->tls_retry_ms)
		return usable;
	if (tls_context_new(&made, verify, &why) != ERR_OK) {
		prober->tls_retry_ms = now_ms + ROOTS_RETRY_MS;
		if (prober->setup.trouble != NULL)
			prober->setup.trouble(prober->setup.arg, &why);
		return usable;
	}
	tls_context_free(prober->tls);
	prober->tls = made;
	prober->tls_roots = verify;
	prober->tls_old = false;
	return true;
}

enum begun tls_begin(struct prober *prober, struct flight *flight, struct why *why)
{
	if (!context_ready(prober))
		return BEGUN_LATER;
	flight->reused = kept_ready(prober, flight);
	prober->shakes += !flight->reused;
	return socket_begin(prober, flight, why);
}

static void tell(struct prober *prober, struct flight *flight, enum tls_status status,
                 struct tls_trouble *trouble)
{
	if (status == TLS_BROKEN && trouble_of(trouble->error, &trouble->why) != BEGUN_BAD) {
		flight_stall(prober, flight);
		return;
	}
	if (status == TLS_ENDED && flight->shaking)
		why_set(&trouble->why, "closed within the TLS handshake");
	else if (status == TLS_ENDED)
		probe_ended(&flight->reader, &trouble->why);
	flight_tell(prober, flight, false, trouble->why.text);
}

/* The server may have ended the kept connection while our request was on its way, or refuse a
 * ticket where a newcomer is welcome: no fault of its. So it is asked on a new one, within the same
 * time. */
static void again(struct prober *prober, struct flight *flight)
{
	struct why why;
	tls_close(flight->tls);
	socket_end(flight);
	flight->tls = NULL;
	flight->reader = (struct probe_reader){0};
	flight->reused = flight->connected = flight->shaking = false;
	flight->sent = 0;
	switch (socket_begin(prober, flight, &why)) {
	case BEGUN:
		break;
	case BEGUN_BAD:
		flight_tell(prober, flight, false, why.text);
		break;
	default:
		flight_stall(prober, flight);
	}
}

static void ended(struct prober *prober, struct flight *flight, enum tls_status status,
                  struct tls_trouble *trouble)
{
	/* a ticket that was refused is gone: this comes to an end */
	if ((flight->reused && !flight->heard) || (flight->shaking && flight->ticketed))
		again(prober, flight);
	else
		tell(prober, flight, status, trouble);
}

static enum tls_status request_send(struct flight *flight, struct tls_trouble *trouble)
{
	char request[PROBE_REQUEST_SIZE_MAX];
	const struct health_target target = target_view(flight->target);
	size_t size = probe_request(&target, flight->keep, request);
	const struct bytes octets = {(const uint8_t *)request, size};
	enum tls_status status = tls_send(flight->tls, octets, trouble);
	flight->sent = status == TLS_DONE;
	return status;
}

static void receive(struct prober *prober, struct flight *flight)
{
	struct tls_trouble trouble;
	enum probe_verdict verdict = PROBE_MORE;
	while (verdict == PROBE_MORE) {
		size_t size;
		enum tls_status status =
			tls_receive(flight->tls, prober->octets, sizeof prober->octets, &size, &trouble);
		if (status == TLS_WAITS)
			return;
		if (status != TLS_DONE) {
			ended(prober, flight, status, &trouble);
			return;
		}
		flight->heard = true;
		const struct bytes more = {prober->octets, size};
		verdict = probe_read(&flight->reader, &flight->manner->wanted, more, &trouble.why);
	}
	kept_put(prober, flight);
	flight_tell(prober, flight, verdict == PROBE_GOOD, trouble.why.text);
}

/* Handshake, request, response, as far as it goes now. */
static void go_on(struct prober *prober, struct flight *flight)
{
	struct tls_trouble trouble = {0};
	enum tls_status status = TLS_DONE;
	if (flight->shaking) {
		status = tls_shake(flight->tls, &trouble);
		if (status == TLS_DONE) {
			kept_made(prober, flight);
			flight->keep = kept_wanted(prober); /* once: a request that waits stays the same */
		}
		flight->shaking = status != TLS_DONE;
	}
	if (status == TLS_DONE && !flight->sent)
		status = request_send(flight, &trouble);
	if (status == TLS_DONE)
		receive(prober, flight);
	else if (status != TLS_WAITS)
		ended(prober, flight, status, &trouble);
}

/* The server takes connections. One on which it has been asked before spares the handshake. */
static bool connected(struct prober *prober, struct flight *flight)
{
	struct target *target = flight->target;
	char name[HEALTH_HOST_SIZE_MAX + 1] = "";
	const struct health_target view = target_view(target);
	if (flight->reused) {
		flight->connected = true;
		socket_end(flight);
		kept_take(prober, flight);
		flight->keep = true;
		return socket_watch_again(prober, flight);
	}
	if (target->host[0] != '\0')
		(void)probe_host(&view, name, sizeof name);
	const struct tls_peer peer = {name, &target->address, flight->manner->policy.verify};
	flight->ticketed = target->kept->ticket.octets != NULL;
	flight->tls = tls_open(prober->tls, flight->fd, &peer, &target->kept->ticket);
	flight->shaking = flight->connected = flight->tls != NULL;
	return flight->connected;
}

void tls_event(struct prober *prober, struct flight *flight, uint32_t events)
{
	struct tls_trouble trouble;
	if (!flight->connected) {
		trouble.error = (events & EPOLLERR) != 0 ? socket_error(flight) : 0;
		if (trouble.error == 0 && !connected(prober, flight))
			trouble.error = ENOMEM;
		if (trouble.error != 0) {
			tell(prober, flight, TLS_BROKEN, &trouble);
			return;
		}
	}
	go_on(prober, flight);
}
