#include "losses.h"

#include <string.h>

struct loss {
	int64_t second;  /* when it lost the first of `lost` */
	uint64_t lost;   /* within a window from then, and not back: rather too few than too many */
	uint64_t losing; /* staged */
	uint64_t gaining;
};

enum err losses_init(struct losses *losses, unsigned percent, uint64_t seed, size_t services_max)
{
	*losses = (struct losses){.budget = {.percent = percent}};
	losses->services = catalog_new(seed, services_max);
	return losses->services == NULL ? ERR_NOMEM : ERR_OK;
}

void losses_clear(struct losses *losses)
{
	catalog_free(losses->services);
	losses->services = NULL;
}

/* False: it lost nothing lately. */
static bool loss_get(const struct losses *losses, struct bytes key, struct loss *out)
{
	struct bytes have = catalog_get(losses->services, key);
	*out = (struct loss){.lost = 0};
	if (have.size == sizeof *out)
		memcpy(out, have.data, sizeof *out);
	return have.size != 0;
}

static enum err loss_set(struct losses *losses, struct bytes key, const struct loss *loss)
{
	bool moved;
	return catalog_set(losses->services, key, (struct bytes){(const uint8_t *)loss, sizeof *loss},
	                   &moved);
}

enum err losses_stage(struct losses *losses, struct bytes key, uint64_t now, uint64_t next,
                      bool free)
{
	struct loss loss;
	bool there = loss_get(losses, key, &loss);
	loss.losing = next < now && !free ? now - next : 0;
	loss.gaining = next > now ? next - now : 0;
	return there || loss.losing != 0 ? loss_set(losses, key, &loss) : ERR_OK;
}

void losses_commit(struct losses *losses, struct bytes key, int64_t now_ms)
{
	struct loss loss;
	if (!loss_get(losses, key, &loss))
		return;
	int64_t second = now_ms / 1000;
	if (second - loss.second >= BUDGET_SECONDS)
		loss.lost = 0;
	uint64_t back = loss.gaining < loss.lost ? loss.gaining : loss.lost;
	budget_spend(&losses->budget, loss.losing, now_ms);
	budget_return(&losses->budget, back, now_ms);
	if (loss.lost == 0)
		loss.second = second;
	loss.lost = loss.lost + loss.losing - back;
	loss.losing = loss.gaining = 0;
	/* of the same size as before: that takes no memory; without it nothing is given back later */
	(void)loss_set(losses, key, &loss);
}

void losses_sweep(struct losses *losses, int64_t now_ms)
{
	if (budget_lost(&losses->budget, now_ms) == 0)
		catalog_clear(losses->services);
}
