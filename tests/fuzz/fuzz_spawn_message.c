/* Any octets as a request to run a command: refused, or read to texts that lie within, and written
 * again they are the same octets. */
#include "fuzz.h"

#include "secret.h"
#include "spawn_message.h"

#include <stdlib.h>
#include <string.h>

static void check(bool good)
{
	if (!good)
		abort();
}

static void same_again(const struct spawn_head *head, const char *texts,
                       const struct spawn_request *request)
{
	struct buf again;
	struct why why;
	check(spawn_request_write(&request->exec, request->info, &again, &why) == ERR_OK);
	check(again.size == sizeof *head + head->size);
	check(memcmp(again.data, head, sizeof *head) == 0);
	check(memcmp(again.data + sizeof *head, texts, head->size) == 0);
	buf_wipe(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct spawn_request request;
	struct spawn_head head;
	if (size < sizeof head)
		return 0;
	memcpy(&head, data, sizeof head);
	if (head.size != size - sizeof head) /* else the runner waits for more, or leaves some */
		return 0;
	/* In memory of its own, so that ASan sees a read beyond it. */
	char *texts = malloc(head.size != 0 ? head.size : 1);
	if (texts == NULL)
		return 0;
	memcpy(texts, data + sizeof head, head.size);
	if (spawn_request_read(&head, texts, &request) == ERR_OK)
		same_again(&head, texts, &request);
	free(texts);
	return 0;
}
