#include "root.h"

#include <assert.h>
#include <stdlib.h>

void root_free(struct root *root)
{
	if (root == NULL)
		return;
	for (size_t word = 0; word < SHARDS / 64; word++) {
		for (uint64_t bits = root->dying[word]; bits != 0; bits &= bits - 1)
			shard_free(root->shards[word * 64 + (size_t)__builtin_ctzll(bits)]);
	}
	if (root->fixed_dies)
		fixed_free(root->fixed);
	free(root);
}

void root_free_last(struct root *root)
{
	for (size_t i = 0; i < SHARDS; i++)
		shard_free(root->shards[i]);
	fixed_free(root->fixed);
	free(root);
}

static const struct entry *entry_find(const struct root *root, struct bytes key)
{
	uint64_t hash = hash_bytes(key, root->seed);
	return shard_find(root->shards[root_shard(hash)], hash, key);
}

/* The node of what is left of the name behind `labels` labels, if ladders stand on it. */
static const struct node *tail_find(const struct root *root, const struct qname *qname,
                                    unsigned labels)
{
	if (qname->label_count <= labels)
		return NULL;
	size_t at = qname->labels_at[labels];
	const struct node *node =
		fixed_find(root->fixed, (struct bytes){qname->name.octets + at, qname->name.size - at});
	return node != NULL && node->is_place ? node : NULL;
}

/* Does any service have a name at or below? (RFC 8020: then all names above it exist.) */
static bool node_exists(const struct root *root, const struct node *node)
{
	return node->always || (root->shortest != 0 && node->least_tail != 0 &&
	                        root->shortest + node->least_tail <= NAME_SIZE_MAX);
}

/* The service's name that the question ends in behind `labels` labels: SVC.NS and a tail. */
static bool ladder_find(const struct root *root, const struct qname *qname, unsigned labels,
                        struct lookup *out)
{
	const struct node *tail = tail_find(root, qname, labels + 2);
	if (tail == NULL)
		return false;
	size_t at = qname->labels_at[labels];
	out->entry = entry_find(
		root, (struct bytes){qname->name.octets + at, qname->labels_at[labels + 2] - at});
	out->place = tail->place;
	return out->entry != NULL;
}

static struct bytes label_at(const struct qname *qname, unsigned label)
{
	const uint8_t *octets = qname->name.octets + qname->labels_at[label];
	return (struct bytes){octets + 1, octets[0]};
}

static bool protocol_find(struct bytes label, enum protocol *out)
{
	if (label.size == 0 || label.data[0] != '_')
		return false;
	for (unsigned i = 0; i < PROTOCOLS; i++) {
		*out = (enum protocol)i;
		if (bytes_equal_nocase((struct bytes){label.data + 1, label.size - 1},
		                       bytes_of(protocol_text(*out))))
			return true;
	}
	return false;
}

/*
 * _PORT._PROTO before a service's name (RFC 2782), or _PROTO alone, which exists while a port of
 * that protocol has a name there.
 */
static enum found port_find(const struct root *root, const struct qname *qname, struct lookup *out)
{
	enum protocol protocol;
	if (qname->label_count < 2 || label_at(qname, 0).data[0] != '_')
		return FOUND_NOTHING;
	if (protocol_find(label_at(qname, 1), &protocol) && ladder_find(root, qname, 2, out)) {
		out->port = entry_port_find(out->entry, label_at(qname, 0), protocol);
		return out->port != NULL ? FOUND_PORT : FOUND_NOTHING;
	}
	if (!protocol_find(label_at(qname, 0), &protocol) || !ladder_find(root, qname, 1, out))
		return FOUND_NOTHING;
	size_t shortest = entry_port_shortest(out->entry, protocol);
	return shortest != 0 && shortest + qname->name.size <= NAME_SIZE_MAX ? FOUND_EMPTY
	                                                                     : FOUND_NOTHING;
}

/* NS.FED.svc...: exists while a service of the namespace has a name at that place. */
static bool namespace_find(const struct root *root, const struct qname *qname)
{
	const struct node *tail = tail_find(root, qname, 1);
	if (tail == NULL)
		return false;
	size_t size = qname->labels_at[1];
	const struct entry *entry = entry_find(root, (struct bytes){qname->name.octets, size});
	return entry != NULL && 1u + entry->shortest + size + tail->name.size <= NAME_SIZE_MAX;
}

void root_lookup(const struct root *root, const struct qname *qname, struct lookup *out)
{
	assert(root->ready);
	*out = (struct lookup){.found = FOUND_NOTHING};
	if (ladder_find(root, qname, 0, out)) {
		out->found = FOUND_LADDER;
		return;
	}
	out->found = port_find(root, qname, out);
	if (out->found != FOUND_NOTHING)
		return;
	out->node = fixed_find(root->fixed, name_bytes(&qname->name));
	if (out->node != NULL && out->node->set_count != 0)
		out->found = FOUND_OWN;
	else if ((out->node != NULL && node_exists(root, out->node)) || namespace_find(root, qname))
		out->found = FOUND_EMPTY;
}
