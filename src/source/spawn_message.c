#include "spawn_message.h"

#include "secret.h"

#include <string.h>

static enum err text_add(struct buf *out, const char *text)
{
	return buf_add(out, (struct bytes){(const uint8_t *)text, strlen(text) + 1});
}

static enum err texts_add(struct buf *out, const char *const *texts, size_t count)
{
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = text_add(out, texts[i]);
	return err;
}

enum err spawn_request_write(const struct kube_exec *exec, const char *info, struct buf *out,
                             struct why *why)
{
	struct spawn_head head = {.size = 0};
	if (exec->arg_count > SPAWN_TEXTS_MAX || exec->env_count > SPAWN_TEXTS_MAX - exec->arg_count) {
		why_set(why, "the command \"%s\" has more than %d arguments and variables", exec->command,
		        SPAWN_TEXTS_MAX);
		return ERR_LIMIT;
	}
	head.arg_count = (uint32_t)exec->arg_count;
	head.env_count = (uint32_t)exec->env_count;
	buf_init(out, sizeof head + SPAWN_SIZE_MAX);
	enum err err = buf_add(out, (struct bytes){(const uint8_t *)&head, sizeof head});
	if (err == ERR_OK)
		err = text_add(out, exec->command);
	if (err == ERR_OK)
		err = text_add(out, info);
	if (err == ERR_OK)
		err = texts_add(out, exec->args, exec->arg_count);
	if (err == ERR_OK)
		err = texts_add(out, exec->env, exec->env_count);
	if (err != ERR_OK) {
		buf_wipe(out);
		why_set(why, "the command \"%s\": %s", exec->command,
		        err == ERR_LIMIT ? "its arguments, variables and what it is told are too long"
		                         : "no memory for its arguments");
		return err;
	}
	head.size = (uint32_t)(out->size - sizeof head);
	memcpy(out->data, &head, sizeof head);
	return ERR_OK;
}

/* The text at `*at`, which moves behind it. NULL: it has no end. */
static const char *text_take(const char *texts, size_t size, size_t *at)
{
	const char *text = texts + *at;
	const char *end = *at < size ? memchr(text, '\0', size - *at) : NULL;
	if (end == NULL)
		return NULL;
	*at = (size_t)(end - texts) + 1;
	return text;
}

enum err spawn_request_read(const struct spawn_head *head, const char *texts,
                            struct spawn_request *out)
{
	size_t at = 0;
	if (head->size > SPAWN_SIZE_MAX || head->arg_count > SPAWN_TEXTS_MAX ||
	    head->env_count > SPAWN_TEXTS_MAX - head->arg_count)
		return ERR_INVALID;
	const char *command = text_take(texts, head->size, &at);
	out->info = command != NULL ? text_take(texts, head->size, &at) : NULL;
	if (out->info == NULL)
		return ERR_INVALID;
	for (size_t i = 0; i < head->arg_count + head->env_count; i++) {
		out->texts[i] = text_take(texts, head->size, &at);
		if (out->texts[i] == NULL)
			return ERR_INVALID;
		if (i >= head->arg_count && strchr(out->texts[i], '=') == NULL)
			return ERR_INVALID;
	}
	out->exec = (struct kube_exec){.command = command,
	                               .args = out->texts,
	                               .arg_count = head->arg_count,
	                               .env = out->texts + head->arg_count,
	                               .env_count = head->env_count};
	return at == head->size ? ERR_OK : ERR_INVALID;
}
