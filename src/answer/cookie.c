#include "cookie.h"

#include "siphash.h"
#include "wire.h"

#include <assert.h>
#include <string.h>

/* RFC 9018 section 4.3: an hour back, five minutes ahead for clocks of replicas that differ. */
enum { AGE_MAX_S = 3600, AHEAD_MAX_S = 300 };

/* Version, reserved and timestamp before the hash (section 4). */
enum { VERSION = 1, HEAD_SIZE = 8, TIME_AT = 4 };

static_assert(COOKIE_SECRET_SIZE == SIPHASH_KEY_SIZE, "a secret is a SipHash key");

/* Client cookie, version, reserved, timestamp, client address (section 4.4). */
static void hash_put(const uint8_t *secret, const uint8_t *cookie, const struct address *client,
                     uint8_t *out)
{
	uint8_t input[COOKIE_CLIENT_SIZE + HEAD_SIZE + V6_SIZE];
	size_t size = address_size(client->family);
	memcpy(input, cookie, COOKIE_CLIENT_SIZE + HEAD_SIZE);
	memcpy(input + COOKIE_CLIENT_SIZE + HEAD_SIZE, client->octets, size);
	siphash((struct bytes){input, COOKIE_CLIENT_SIZE + HEAD_SIZE + size}, secret, out);
}

void cookie_make(const struct cookie_policy *policy, const uint8_t *client_cookie,
                 const struct address *client, uint32_t now_s, uint8_t *out)
{
	assert(policy->secret_count >= 1);
	memcpy(out, client_cookie, COOKIE_CLIENT_SIZE);
	uint8_t *head = out + COOKIE_CLIENT_SIZE;
	memset(head, 0, HEAD_SIZE);
	head[0] = VERSION;
	wire_put_u32(head + TIME_AT, now_s);
	hash_put(policy->secrets[0], out, client, head + HEAD_SIZE);
}

static bool recent(uint32_t made_s, uint32_t now_s)
{
	/* Serial numbers (RFC 1982), so that 2106 is a day like any other. */
	int32_t age_s = (int32_t)(now_s - made_s);
	return age_s <= AGE_MAX_S && age_s >= -AHEAD_MAX_S;
}

/* In time that doesn't tell how much of it is right. */
static bool equal_secretly(const uint8_t *a, const uint8_t *b, size_t size)
{
	uint8_t different = 0;
	for (size_t i = 0; i < size; i++)
		different = (uint8_t)(different | (a[i] ^ b[i]));
	return different == 0;
}

bool cookie_valid(const struct cookie_policy *policy, struct bytes cookie,
                  const struct address *client, uint32_t now_s)
{
	if (cookie.size != COOKIE_SIZE || cookie.data[COOKIE_CLIENT_SIZE] != VERSION)
		return false;
	const uint8_t *made = cookie.data + COOKIE_CLIENT_SIZE + TIME_AT;
	if (!recent((uint32_t)wire_u16(made) << 16 | wire_u16(made + 2), now_s))
		return false;
	bool valid = false;
	for (unsigned i = 0; i < policy->secret_count; i++) {
		uint8_t hash[8];
		hash_put(policy->secrets[i], cookie.data, client, hash);
		valid |= equal_secretly(hash, cookie.data + COOKIE_SIZE - sizeof hash, sizeof hash);
	}
	return valid;
}
