#include "nonce.h"

#include <stdio.h>
#include <uv.h>

#define NONCE_SIZE ((size_t)16) /* octets */

enum err nonce_write(char text[NONCE_TEXT_SIZE], struct why *why)
{
	uint8_t octets[NONCE_SIZE];
	int error = uv_random(NULL, NULL, octets, sizeof octets, 0, NULL);
	if (error != 0) {
		why_set(why, "no random octets for a nonce: %s", uv_strerror(error));
		return ERR_IO;
	}
	for (size_t i = 0; i < sizeof octets; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", octets[i]);
	return ERR_OK;
}
