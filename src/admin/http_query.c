/* A URL's query, as the arguments of a command. */
#include "http.h"

#include "fedns/utf8.h"

#include <string.h>

size_t http_unescape(void *cls, struct MHD_Connection *connection, char *text)
{
	(void)cls;
	(void)connection;
	size_t size = MHD_http_unescape(text);
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\0')
			text[i] = '\xff';
	}
	return size;
}

/* Octets that the library has need of for one argument, its text aside. */
#define ARGUMENT_SIZE 64
/* Of a target with arguments and of these: the rest of the head must fit beside them. */
#define TARGET_SIZE_MAX (HTTP_CONNECTION_SIZE / 4 * 3)

/* A request whose arguments don't fit into its memory is lost to the library, which waits for more
 * of it until its client has gone away. */
void *http_target_comes(void *cls, const char *target, struct MHD_Connection *connection)
{
	const struct http_server *server = cls;
	const struct http_client *client = http_client_of(connection);
	size_t size = strlen(target);
	for (const char *at = strchr(target, '?'); at != NULL; at = strchr(at + 1, '&'))
		size += ARGUMENT_SIZE;
	if (strchr(target, '?') == NULL || size <= TARGET_SIZE_MAX || client == NULL)
		return NULL;
	log_write(server->admin->log, LOG_DEBUG, "admin", "a client refused: too many arguments");
	http_client_break(client);
	return NULL;
}

static enum err refuse(struct why *why, const char *sentence)
{
	why_set(why, "%s", sentence);
	return ERR_INVALID;
}

static bool is_text(struct bytes text)
{
	size_t bad_at;
	return memchr(text.data, '\0', text.size) == NULL && utf8_valid(text, &bad_at);
}

enum err http_query_add(json_t *query, struct bytes name, struct bytes value, struct why *why)
{
	if (name.size == 0)
		return refuse(why, "the query has a value without a name");
	if (!is_text(name) || (value.size != 0 && !is_text(value)))
		return refuse(why, "the query is no UTF-8 text");
	if (json_object_size(query) == ADMIN_QUERY_MAX) {
		why_set(why, "the query has more than %d names", ADMIN_QUERY_MAX);
		return ERR_LIMIT;
	}
	json_t *text = json_stringn(value.size == 0 ? "" : (const char *)value.data, value.size);
	if (json_object_getn(query, (const char *)name.data, name.size) != NULL) {
		json_decref(text);
		return refuse(why, "the query has one name twice");
	}
	if (json_object_setn_new(query, (const char *)name.data, name.size, text) == 0)
		return ERR_OK;
	why_set(why, "no memory for the query");
	return ERR_NOMEM;
}

struct reading {
	json_t *query;
	enum err err;
	struct why *why;
};

static enum MHD_Result value_take(void *cls, enum MHD_ValueKind kind, const char *name,
                                  size_t name_size, const char *value, size_t value_size)
{
	struct reading *reading = cls;
	(void)kind;
	struct bytes value_text = {(const uint8_t *)value, value == NULL ? 0 : value_size};
	reading->err = http_query_add(reading->query, (struct bytes){(const uint8_t *)name, name_size},
	                              value_text, reading->why);
	return reading->err == ERR_OK ? MHD_YES : MHD_NO;
}

enum err http_query(struct MHD_Connection *connection, json_t **out, struct why *why)
{
	struct reading reading = {.query = json_object(), .why = why};
	*out = NULL;
	if (reading.query == NULL) {
		why_set(why, "no memory for the query");
		return ERR_NOMEM;
	}
	(void)MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, value_take, &reading);
	if (reading.err == ERR_OK)
		*out = reading.query;
	else
		json_decref(reading.query);
	return reading.err;
}
