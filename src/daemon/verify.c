/* Facts gathered, judged, and put into rows and findings. */
#include "verify_facts.h"

#include <assert.h>
#include <stdlib.h>

static const char *word_of(const struct verify_answer *answer, bool good, bool no_route)
{
	if (no_route)
		return "no route";
	if (!answer->asked)
		return "-";
	if (!answer->answered)
		return "silent";
	return good ? "ok" : "lame";
}

static void rows_fill(const struct verify_facts *facts, struct verify_report *report)
{
	for (size_t i = 0; i < facts->parent_count; i++) {
		const struct verify_parent *parent = &facts->parents[i];
		report->rows[report->row_count++] = (struct verify_row){
			.role = VERIFY_PARENT,
			.server = parent->server,
			.address = parent->at.address,
			.port = parent->at.port,
			.udp = word_of(&parent->answer, parent->ns.count != 0, parent->no_route),
			.tcp = "-",
		};
	}
	for (size_t i = 0; i < facts->seat_count; i++) {
		const struct verify_seat *seat = &facts->seats[i];
		if (seat->responder && !verify_seat_spoke(seat))
			continue;
		report->rows[report->row_count++] = (struct verify_row){
			.role = seat->responder ? VERIFY_RESPONDER : VERIFY_ZONE,
			.server = facts->hosts[seat->host].name,
			.address = seat->at.address,
			.port = seat->at.port,
			.udp = word_of(&seat->answers[VERIFY_SOA_UDP], seat->has_serial[0], seat->no_route),
			.tcp = word_of(&seat->answers[VERIFY_SOA_TCP], seat->has_serial[1], seat->no_route),
			.has_serial = seat->has_serial[0] || seat->has_serial[1],
			.serial = seat->serials[seat->has_serial[0] ? 0 : 1],
		};
	}
}

static void finding_take(void *arg, const struct verify_finding *finding)
{
	struct verify_report *report = arg;
	if (report->finding_count < VERIFY_FINDINGS_MAX)
		report->findings[report->finding_count++] = *finding;
}

static void facts_free(struct verify_facts *facts)
{
	if (facts == NULL)
		return;
	free(facts->parents);
	free(facts->seats);
	free(facts);
}

static struct verify_facts *facts_new(const struct verify_ask *ask)
{
	struct verify_facts *facts = calloc(1, sizeof *facts);
	if (facts == NULL)
		return NULL;
	facts->policy = &ask->config->answer.zone;
	facts->hosted = ask->hosted;
	facts->samples = ask->samples;
	facts->sample_count = ask->sample_count;
	facts->parents = calloc(VERIFY_SEATS_MAX, sizeof *facts->parents);
	facts->seats = calloc(VERIFY_SEATS_MAX, sizeof *facts->seats);
	if (facts->parents != NULL && facts->seats != NULL)
		return facts;
	facts_free(facts);
	return NULL;
}

static struct verify_report *report_new(void)
{
	struct verify_report *report = calloc(1, sizeof *report);
	if (report == NULL)
		return NULL;
	report->rows = calloc((size_t)2 * VERIFY_SEATS_MAX, sizeof *report->rows);
	report->findings = calloc(VERIFY_FINDINGS_MAX, sizeof *report->findings);
	if (report->rows != NULL && report->findings != NULL)
		return report;
	verify_report_free(report);
	return NULL;
}

void verify_report_free(struct verify_report *report)
{
	if (report == NULL)
		return;
	free(report->rows);
	free(report->findings);
	free(report);
}

enum err verify_run(const struct verify_ask *ask, struct verify_report **out, struct why *why)
{
	assert(ask->config != NULL && out != NULL && why != NULL);
	struct verify_report *report = report_new();
	struct verify_facts *facts = facts_new(ask);
	enum err err = ERR_NOMEM;
	*out = NULL;
	if (report == NULL || facts == NULL)
		why_set(why, "no memory for what is found");
	else
		err = verify_gather(ask, facts, why);
	if (err == ERR_OK) {
		report->zone = facts->zone;
		report->parent = facts->parent;
		rows_fill(facts, report);
		verify_judge(facts, finding_take, report);
		*out = report;
	} else {
		verify_report_free(report);
	}
	facts_free(facts);
	return err;
}
