/* https: one call of the HTTP client each, on a connection of its own: one that is kept would only
 * say that the server was there before. Its deadline is the wheel's. */
#include "prober_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const char HOST[] = "Host: ";

static void told(struct flight *flight, enum probe_verdict verdict, const struct why *why)
{
	if (verdict != PROBE_MORE)
		flight_tell(flight->prober, flight, verdict == PROBE_GOOD, why->text);
}

static void head_came(void *arg, const struct http_response *response)
{
	struct flight *flight = arg;
	struct why why = {{0}};
	probe_body_begin(&flight->reader);
	told(flight, probe_status(&flight->manner->wanted, response->status, &why), &why);
}

static bool body_came(void *arg, struct bytes more)
{
	struct flight *flight = arg;
	struct why why = {{0}};
	told(flight, probe_body(&flight->reader, &flight->manner->wanted, more, &why), &why);
	return true;
}

/* Without a verdict yet: the call failed, or its body came to its end without the text. */
static void call_done(void *arg, enum err err, const struct http_response *response,
                      const struct why *said)
{
	struct flight *flight = arg;
	struct why why = *said;
	(void)response;
	flight->call = NULL;
	if (err == ERR_OK)
		probe_ended(&flight->reader, &why);
	else if (trouble_of_call(err, &why) != BEGUN_BAD) {
		flight_stall(flight->prober, flight);
		return;
	}
	flight_tell(flight->prober, flight, false, why.text);
}

static void url_make(const struct health_target *target, char *out, size_t room)
{
	char address[ADDRESS_TEXT_SIZE];
	bool v6 = target->address.family == 6;
	address_text(&target->address, address);
	(void)snprintf(out, room, "https://%s%s%s:%u%s", v6 ? "[" : "", address, v6 ? "]" : "",
	               (unsigned)target->port, target->path[0] == '\0' ? "/" : target->path);
}

/* libcurl doesn't say that it got no descriptor, only that it could not connect. */
static bool descriptor_left(const struct prober *prober)
{
	int fd = fcntl(prober->epoll, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

enum begun tls_begin(struct prober *prober, struct flight *flight, struct why *why)
{
	char url[PROBE_PATH_SIZE_MAX + ADDRESS_TEXT_SIZE + 32];
	char header[sizeof HOST + HEALTH_HOST_SIZE_MAX];
	char *host = header + sizeof HOST - 1;
	const struct health_target target = target_view(flight->target);
	const char *const headers[] = {header};
	(void)snprintf(header, sizeof header, "%s", HOST);
	(void)probe_host(&target, host, sizeof header - (sizeof HOST - 1));
	url_make(&target, url, sizeof url);
	if (!descriptor_left(prober))
		return trouble_of(errno, why);
	const struct http_request request = {
		.url = url,
		.headers = headers,
		.header_count = 1,
		.tls = {.server_name = target.host[0] == '\0' ? NULL : host,
	            .insecure = !flight->manner->policy.verify},
		.proxy = "",
		.user_agent = "fedns/" FEDNS_VERSION,
		.own_connection = true,
	};
	const struct http_handlers handlers = {head_came, body_came, call_done, flight};
	enum err err = http_start(prober->setup.http, &request, &handlers, &flight->call, why);
	return err == ERR_OK ? BEGUN : trouble_of_call(err, why);
}
