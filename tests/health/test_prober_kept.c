/* prober: connections of https that are kept, and what a probe on one still finds out. */
#include "probe_bed.h"

#include "net/fake_ca.h"

/* Ten every 150 ms want 67 handshakes a second, and are kept for ten seconds. */
enum { COUNT = 10, SHAKES = 1, SHAKES_NO_LIMIT = 1000000 };

static const struct script_route ROUTES[] = {
	{.path = "/", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
	{.path = "/drip", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", .drip = true},
	{.path = "/closed",
     .octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
     .then = THEN_CLOSE},
	{.path = "/end", .octets = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"},
	{.path = NULL},
};

static struct bed bed;
static struct fake_identity named;

static void begin(const char *path, uint32_t count, uint32_t shakes)
{
	bed_start(&bed, ROUTES);
	bed.net.server.tls = fake_server_context(&named, NULL);
	bed.policy.interval_ms = bed.policy.timeout_ms = 150;
	bed.shakes = shakes;
	bed.policy.verify = false;
	bed_probe(&bed);
	const struct health_target target = bed_target(&bed, PROBE_HTTPS, path, "shop.example");
	for (uint32_t id = 0; id < count; id++)
		bed_add(&bed, id, &target);
}

static void end(void)
{
	SSL_CTX *context = bed.net.server.tls;
	bed_stop(&bed);
	SSL_CTX_free(context);
}

static void until_told(unsigned count)
{
	while (bed.told < count)
		uv_run(&bed.net.loop, UV_RUN_ONCE);
}

static unsigned handshakes(void)
{
	return (unsigned)SSL_CTX_sess_accept_good(bed.net.server.tls);
}

static long by_ticket(void)
{
	return SSL_CTX_sess_hits(bed.net.server.tls);
}

/* One target: a new connection with each probe; by ticket, unless there is time for the proof. */
static void few_targets_have_a_new_connection_each_time(void **state)
{
	(void)state;
	for (uint32_t proofs = 0; proofs < 2; proofs++) {
		begin("/", 1, proofs == 0 ? 10 : SHAKES_NO_LIMIT);
		until_told(10);
		while (proofs == 0 && (by_ticket() == 0 || by_ticket() >= bed.heard[0].good))
			uv_run(&bed.net.loop, UV_RUN_ONCE); /* sooner or later */
		while (bed.heard[0].good == 0)
			uv_run(&bed.net.loop, UV_RUN_ONCE);
		if (proofs != 0)
			assert_int_equal(by_ticket(), 0);
		assert_true(handshakes() >= bed.heard[0].good);
		assert_int_equal(bed_counters(&bed).kept, 0);
		assert_non_null(strstr(bed.net.server.request, "Connection: close\r\n"));
		end();
	}
}

/* What the next six probes of each did. */
struct round {
	unsigned handshakes;
	size_t kept;   /* at most, at once */
	bool answered; /* each target, most of the time */
};

static struct round round_take(void)
{
	struct round round = {.handshakes = handshakes(), .answered = true};
	unsigned told = bed.told, good[COUNT], bad[COUNT];
	for (uint32_t id = 0; id < COUNT; id++) {
		good[id] = bed.heard[id].good;
		bad[id] = bed.heard[id].bad;
	}
	while (bed.told < told + 6 * COUNT) {
		uv_run(&bed.net.loop, UV_RUN_ONCE);
		round.kept = bed_counters(&bed).kept > round.kept ? bed_counters(&bed).kept : round.kept;
	}
	round.handshakes = handshakes() - round.handshakes;
	for (uint32_t id = 0; id < COUNT; id++)
		round.answered &= bed.heard[id].good - good[id] > bed.heard[id].bad - bad[id];
	return round;
}

/* Six handshakes each, or hardly one. */
static void kept(const char *path, bool reused)
{
	begin(path, COUNT, SHAKES);
	until_told(3 * COUNT);
	for (;; bed_more_time(&bed)) {
		struct round round = round_take();
		bool few = round.handshakes < 2 * COUNT && round.kept >= COUNT / 2;
		bool many = round.handshakes >= 4 * COUNT;
		if (round.answered && (reused ? few : many))
			break;
	}
	end();
}

static void many_targets_are_asked_on_kept_connections(void **state)
{
	(void)state;
	kept("/", true);
	kept("/drip", true); /* its body is read when it is asked again */
}

static void what_cannot_be_kept_is_made_anew(void **state)
{
	(void)state;
	kept("/closed", false);
	kept("/end", false);
}

/* A server that takes no more connections is found out, though the kept ones would answer. */
static void a_kept_connection_hides_no_dead_listener(void **state)
{
	(void)state;
	uv_os_fd_t listener;
	uint16_t port;
	begin("/", COUNT, SHAKES);
	while (bed_counters(&bed).kept < COUNT / 2)
		uv_run(&bed.net.loop, UV_RUN_ONCE);
	int dead = bed_dead_port(&port);
	assert_int_equal(uv_fileno((uv_handle_t *)&bed.net.server.listener, &listener), 0);
	assert_true(dup2(dead, listener) >= 0); /* it listens no more, and nobody else is told */
	assert_int_equal(close(dead), 0);
	until_told(bed.told + 2 * COUNT); /* what was under way */
	unsigned good = 0;
	for (uint32_t id = 0; id < COUNT; id++)
		good += bed.heard[id].good;
	until_told(bed.told + 3 * COUNT);
	for (uint32_t id = 0; id < COUNT; id++) {
		good -= bed.heard[id].good;
		assert_string_equal(bed.heard[id].why, "connection refused");
	}
	assert_int_equal(good, 0);
	end();
}

/* Nor does one that was made without a look at the certificate, by its ticket either. */
static void certificates_are_checked_once_they_are_to_be(void **state)
{
	(void)state;
	for (uint32_t count = 1; count <= COUNT; count += COUNT - 1) {
		struct why why;
		begin("/", count, count == 1 ? 10 : SHAKES);
		until_told(6 * count);
		while (bed_counters(&bed).kept < count / 2)
			uv_run(&bed.net.loop, UV_RUN_ONCE);
		bed.policy.verify = true;
		assert_int_equal(prober_set_policy(bed.prober, &bed.policy, &why), ERR_OK);
		until_told(bed.told + count); /* what was under way */
		for (uint32_t id = 0; id < count; id++) {
			unsigned good = bed.heard[id].good;
			while (strcmp(bed_wait(&bed, id)->why, "certificate: self-signed certificate") != 0)
				assert_int_equal(bed.heard[id].good, good);
		}
		end();
	}
}

/* A server that asks for certificates, and OpenSSL's was told no context of sessions. */
static void a_refused_ticket_is_no_bad_result(void **state)
{
	(void)state;
	begin("/", 1, 10);
	SSL_CTX *server = bed.net.server.tls;
	SSL_CTX_set_verify(server, SSL_VERIFY_PEER, NULL);
	while (bed.heard[0].good < 3 ||
	       SSL_CTX_sess_accept(server) < SSL_CTX_sess_accept_good(server) + 2)
		assert_null(strstr(bed_wait(&bed, 0)->why, "TLS"));
	end();
}

static int identity_make(void **state)
{
	(void)state;
	fake_identity_make(&named, "shop.example", NULL, NULL);
	return 0;
}

static int identity_free(void **state)
{
	(void)state;
	fake_identity_free(&named);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_targets_have_a_new_connection_each_time),
		cmocka_unit_test(many_targets_are_asked_on_kept_connections),
		cmocka_unit_test(what_cannot_be_kept_is_made_anew),
		cmocka_unit_test(a_kept_connection_hides_no_dead_listener),
		cmocka_unit_test(certificates_are_checked_once_they_are_to_be),
		cmocka_unit_test(a_refused_ticket_is_no_bad_result),
	};
	return cmocka_run_group_tests(tests, identity_make, identity_free);
}
