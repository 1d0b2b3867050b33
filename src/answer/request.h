/* request: a query message, taken apart. */
#ifndef FEDNS_ANSWER_REQUEST_H
#define FEDNS_ANSWER_REQUEST_H

#include "edns.h"
#include "root.h"

struct request {
	uint16_t id;
	uint8_t opcode;
	bool recursion_desired;
	bool has_question;
	size_t question_end; /* offset behind the question; HEADER_SIZE without one */
	struct qname qname;
	uint16_t type, class;
	struct edns edns;
};

/**
 * Take `query` apart (at least HEADER_SIZE octets, QR clear). Returns the RCODE that its form
 * deserves: NOERROR, FORMERR, NOTIMP, REFUSED (NOTIFY, UPDATE) or BADVERS. `out` holds what could
 * be read in any case.
 */
enum dns_rcode request_parse(const struct query *query, struct request *out);

#endif
