/* flight: one name's steps, as flight.c moves them and flight_call.c asks for them. */
#ifndef FEDNS_PROVIDER_FLIGHT_H
#define FEDNS_PROVIDER_FLIGHT_H

#include "provider_internal.h"

#define LOOK_PAGE_SIZE 100 /* DescribeSubDomainRecords gives no more */

/** Of the step under way. All point into the plan, and what it was made of. */
const struct plan_step *flight_step(const struct flight *flight);
struct record *flight_have(const struct flight *flight);
const struct record *flight_want(const struct flight *flight);
/** The record that the step is about. */
const struct record *flight_subject(const struct flight *flight);

/** The call that its act makes. */
enum api flight_api(const struct flight *flight);
/** Make it. Errors of alidns_call(). */
MUST_CHECK enum err flight_call(struct flight *flight, alidns_done *done, struct why *why);

void record_id_text(struct bytes id, char text[RECORD_ID_SIZE]);

#endif
