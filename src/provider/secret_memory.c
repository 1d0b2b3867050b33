#include "secret_memory.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* So many octets in a row of a secret are no chance any more. */
#define SHOWN_MIN 12

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

enum err secret_memory_init(struct secret_memory *memory, size_t room, struct why *why)
{
	assert(room > 0 && room < SIZE_MAX / 2);
	*memory = (struct secret_memory){.data = NULL};
	size_t size = (room + page_size() - 1) / page_size() * page_size();
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED) {
		why_set(why, "no memory for credentials");
		return ERR_NOMEM;
	}
	if (madvise(pages, size, MADV_DONTDUMP) != 0) {
		(void)munmap(pages, size);
		why_set(why, "memory for credentials can't be kept out of core files");
		return ERR_NOMEM;
	}
	/* RLIMIT_MEMLOCK may be small; swap that nobody but root reads is no leak like a core file. */
	(void)mlock(pages, size);
	*memory = (struct secret_memory){.data = pages, .room = size};
	return ERR_OK;
}

void secret_memory_wipe(struct secret_memory *memory)
{
	if (memory->data != NULL)
		OPENSSL_cleanse(memory->data, memory->room);
	memory->used = 0;
}

void secret_memory_free(struct secret_memory *memory)
{
	secret_memory_wipe(memory);
	if (memory->data != NULL)
		(void)munmap(memory->data, memory->room);
	*memory = (struct secret_memory){.data = NULL};
}

bool secret_memory_add(struct secret_memory *memory, struct bytes more)
{
	assert(memory->used <= memory->room);
	if (more.size > memory->room - memory->used)
		return false;
	if (more.size != 0)
		memcpy(memory->data + memory->used, more.data, more.size);
	memory->used += more.size;
	return true;
}

char *secret_memory_text(struct secret_memory *memory, struct bytes text)
{
	if (memory->room - memory->used <= text.size)
		return NULL;
	char *copy = (char *)memory->data + memory->used;
	if (text.size != 0)
		memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	memory->used += text.size + 1;
	return copy;
}

struct bytes secret_memory_bytes(const struct secret_memory *memory)
{
	return (struct bytes){memory->data, memory->used};
}

bool secret_shows(struct bytes text, struct bytes secret)
{
	size_t run = secret.size < SHOWN_MIN ? secret.size : SHOWN_MIN;
	if (run == 0)
		return false;
	for (size_t at = 0; at + run <= text.size; at++) {
		if (memmem(secret.data, secret.size, text.data + at, run) != NULL)
			return true;
	}
	return false;
}
