/* Of a scrape: what is asked and answered. */
#include "metrics_job.h"

static const char QUERIES[] = "fedns_dns_queries_total", RESPONSES[] = "fedns_dns_responses_total",
				  DROPPED[] = "fedns_dns_dropped_total";

static enum err queries_of(struct buf *out, const struct answer_counters *answers, unsigned tcp,
                           unsigned v6)
{
	enum err err = ERR_OK;
	for (unsigned type = 0; err == ERR_OK && type < ASKED_TYPES; type++) {
		const struct metric_label labels[] = {
			{"transport", bytes_of(tcp != 0 ? "tcp" : "udp")},
			{"family", bytes_of(v6 != 0 ? "ipv6" : "ipv4")},
			{"type", bytes_of(asked_type_text((enum asked_type)type))},
		};
		err = metric_count(out, QUERIES, labels, 3, answers->asked[tcp][v6][type]);
	}
	return err;
}

enum err metrics_queries(struct metrics_job *job, struct buf *out, bool *more)
{
	struct serve_counters counters;
	(void)more;
	daemon_counters(job->daemon, &counters);
	enum err err = metric_family(out, QUERIES, METRIC_COUNTER, "Queries that got a response.");
	for (unsigned way = 0; err == ERR_OK && way < 4; way++)
		err = queries_of(out, &counters.answers, way >> 1, way & 1);
	return err;
}

enum err metrics_responses(struct metrics_job *job, struct buf *out, bool *more)
{
	struct serve_counters counters;
	(void)more;
	daemon_counters(job->daemon, &counters);
	enum err err = metric_family(out, RESPONSES, METRIC_COUNTER, "Responses by their code.");
	for (size_t i = 0; err == ERR_OK && i < RCODES_COUNTED; i++) {
		char text[RCODE_TEXT_SIZE];
		uint64_t count = counters.answers.rcodes[i];
		if (rcode_text((unsigned)i, text) || count != 0)
			err = metric_count_by(out, RESPONSES, "rcode", text, count);
	}
	if (err == ERR_OK)
		err = metric_family(out, "fedns_dns_truncated_total", METRIC_COUNTER,
		                    "Responses that lack what the client's size has no room for (TC).");
	return err == ERR_OK
	           ? metric_count(out, "fedns_dns_truncated_total", NULL, 0, counters.answers.truncated)
	           : err;
}

enum err metrics_drops(struct metrics_job *job, struct buf *out, bool *more)
{
	struct serve_counters counters;
	(void)more;
	daemon_counters(job->daemon, &counters);
	enum err err = metric_family(
		out, DROPPED, METRIC_COUNTER,
		"Queries without a response (short, response, port_zero), responses that could not be sent "
		"(send_full, send_failed), and TCP connections that a limit closed or refused (tcp_*).");
	for (unsigned i = 0; err == ERR_OK && i < ANSWER_DROPS; i++)
		err = metric_count_by(out, DROPPED, "reason", answer_drop_text((enum answer_drop)i),
		                      counters.answers.dropped[i]);
	for (unsigned i = 0; err == ERR_OK && i < SERVE_DROPS; i++)
		err = metric_count_by(out, DROPPED, "reason", serve_drop_text((enum serve_drop)i),
		                      counters.dropped[i]);
	return err;
}

enum err metrics_latency(struct metrics_job *job, struct buf *out, bool *more)
{
	static const char NAME[] = "fedns_dns_latency_seconds";
	struct serve_counters counters;
	struct histogram latency;
	(void)more;
	daemon_counters(job->daemon, &counters);
	serve_latency(&counters, &latency);
	enum err err = metric_family(
		out, NAME, METRIC_HISTOGRAM,
		"From a query, read as a whole, to its response in the socket's hands; of UDP the time of "
		"its batch.");
	return err == ERR_OK ? metric_histogram(out, NAME, NULL, 0, &latency) : err;
}

enum err metrics_tcp(struct metrics_job *job, struct buf *out, bool *more)
{
	static const char OPENED[] = "fedns_dns_tcp_connections_total";
	struct serve_counters counters;
	(void)more;
	daemon_counters(job->daemon, &counters);
	uint64_t open = counters.tcp_opened - counters.tcp_closed;
	enum err err = metric_family(out, OPENED, METRIC_COUNTER, "TCP connections taken.");
	if (err == ERR_OK)
		err = metric_count(out, OPENED, NULL, 0, counters.tcp_opened);
	/* workers tell of both at moments of their own */
	return err == ERR_OK ? metric_one(out, "fedns_dns_tcp_connections", METRIC_GAUGE,
	                                  "TCP connections that are open.",
	                                  counters.tcp_opened > counters.tcp_closed ? (double)open : 0)
	                     : err;
}
