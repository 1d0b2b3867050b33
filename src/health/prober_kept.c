/* https: which connections are kept from one probe to the next.
 *
 * A whole handshake on a new connection with each probe proves the most: it goes where a client's
 * would go now, and the server proves anew who it is. But it costs as much as fifteen requests on a
 * connection that is there, and by ticket, without that proof, as much as six. So there is a budget
 * of so many handshakes a second, a tenth of them whole. As long as all targets together stay
 * within it, each probe is a new connection, and proof. If they don't, tickets are used and
 * connections kept for so long that they do: of 50,000 targets 250 s, and 2,500 s to the next
 * proof.
 *
 * A probe on a kept connection makes a new TCP connection all the same, and is bad without: what
 * has died, or takes nobody any more, is found out at once; what only the next handshake would tell
 * (another certificate, another server behind the same address) as late as it comes. */
#include "prober_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Idle longer, it may have been forgotten by a firewall or balancer on the way, without a word. */
#define KEPT_IDLE_MS_MAX 60000
#define SHAKES_A_PROOF   10
/* Of the rest of a response that nobody has read yet: what the next probe finds in the socket. */
#define KEPT_LEFT_MAX 65536

struct kept *kept_new(void)
{
	struct kept *kept = calloc(1, sizeof *kept);
	if (kept != NULL)
		kept->fd = -1;
	return kept;
}

static void kept_close(struct prober *prober, struct kept *kept)
{
	if (kept->tls == NULL)
		return;
	tls_close(kept->tls);
	socket_reset(kept->fd);
	kept->tls = NULL;
	kept->fd = -1;
	prober->kept--;
}

void kept_free(struct prober *prober, struct kept *kept)
{
	if (kept == NULL)
		return;
	kept_close(prober, kept);
	tls_ticket_drop(&kept->ticket);
	free(kept);
}

/* How long tickets spare the server the proof of who it is. */
static int64_t proof_ms(const struct prober *prober)
{
	return (int64_t)prober->targets_tls * 1000 * SHAKES_A_PROOF / prober->setup.shakes_a_second;
}

/* How long a connection is kept; 0: not at all. */
static int64_t keep_ms(const struct prober *prober)
{
	int64_t interval_ms = prober->manner->policy.interval_ms;
	int64_t ms = (int64_t)prober->targets_tls * 1000 / prober->setup.shakes_a_second;
	return ms <= interval_ms || interval_ms > KEPT_IDLE_MS_MAX ? 0 : ms;
}

bool kept_wanted(const struct prober *prober)
{
	return keep_ms(prober) != 0 && prober->kept < prober->kept_max;
}

/* Nothing is left of the last response, and nothing came since. */
static bool kept_clean(const struct kept *kept)
{
	uint8_t octet;
	return kept->reader.frame.state == FRAME_WHOLE && !tls_holds(kept->tls) &&
	       recv(kept->fd, &octet, 1, MSG_PEEK) < 0 && errno == EAGAIN;
}

/* What came since its last probe: the rest of that response, new tickets, or its end. */
static bool kept_drain(struct prober *prober, struct kept *kept)
{
	/* nothing is sought any more: whatever was, the verdict stands */
	static const struct probe_wanted NOTHING = {0};
	struct tls_trouble trouble;
	struct why why;
	size_t size, all = 0;
	enum tls_status status;
	while ((status = tls_receive(kept->tls, prober->octets, sizeof prober->octets, &size,
	                             &trouble)) == TLS_DONE) {
		const struct bytes more = {prober->octets, size};
		all += size;
		if (kept->reader.frame.state == FRAME_WHOLE || all > KEPT_LEFT_MAX)
			return false; /* more than the response: out of step */
		(void)probe_read(&kept->reader, &NOTHING, more, &why);
	}
	return status == TLS_WAITS && kept->reader.frame.state == FRAME_WHOLE &&
	       frame_keeps(&kept->reader.frame, 0);
}

bool kept_ready(struct prober *prober, struct flight *flight)
{
	struct kept *kept = flight->target->kept;
	bool verify = flight->manner->policy.verify;
	int64_t now_ms = (int64_t)(flight->begun_ns / 1000000);
	if (now_ms >= kept->proved_ms + proof_ms(prober) || (verify && !kept->verified)) {
		kept_close(prober, kept);
		tls_ticket_drop(&kept->ticket);
	}
	if (kept->tls == NULL)
		return false;
	if (now_ms < kept->made_ms + keep_ms(prober) && now_ms < kept->used_ms + KEPT_IDLE_MS_MAX &&
	    (kept_clean(kept) || kept_drain(prober, kept)))
		return true;
	kept_close(prober, kept);
	return false;
}

/* So many began at the same moment, at the start: they are not to end at one. */
static int64_t spread(struct prober *prober, int64_t span_ms)
{
	return prober_random(prober, span_ms / 4);
}

void kept_made(struct prober *prober, struct flight *flight)
{
	struct kept *kept = flight->target->kept;
	int64_t now_ms = prober_now_ms();
	flight->made_ms = now_ms - spread(prober, keep_ms(prober));
	if (!tls_proved(flight->tls))
		return;
	kept->proved_ms = now_ms - spread(prober, proof_ms(prober));
	kept->verified = flight->manner->policy.verify;
}

void kept_take(struct prober *prober, struct flight *flight)
{
	struct kept *kept = flight->target->kept;
	assert(kept->tls != NULL && flight->tls == NULL && flight->fd < 0);
	flight->tls = kept->tls;
	flight->fd = kept->fd;
	flight->made_ms = kept->made_ms;
	flight->reused = true;
	kept->tls = NULL;
	kept->fd = -1;
	prober->kept--;
}

void kept_put(struct prober *prober, struct flight *flight)
{
	struct kept *kept = flight->target->kept;
	if (flight->tls == NULL || !flight->keep || !frame_keeps(&flight->reader.frame, KEPT_LEFT_MAX))
		return;
	assert(kept->tls == NULL);
	tls_rest(flight->tls);
	kept->tls = flight->tls;
	kept->fd = flight->fd;
	kept->made_ms = flight->made_ms;
	kept->used_ms = prober_now_ms();
	kept->reader = flight->reader;
	flight->tls = NULL;
	flight->fd = -1;
	prober->kept++;
}
