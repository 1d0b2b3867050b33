#include "fedns/dns.h"

#include <stdio.h>

bool rcode_text(unsigned rcode, char text[RCODE_TEXT_SIZE])
{
	static const char *const WORDS[] = {
		[RCODE_NOERROR] = "NOERROR",   [RCODE_FORMERR] = "FORMERR",
		[RCODE_SERVFAIL] = "SERVFAIL", [RCODE_NXDOMAIN] = "NXDOMAIN",
		[RCODE_NOTIMP] = "NOTIMP",     [RCODE_REFUSED] = "REFUSED",
		[RCODE_BADVERS] = "BADVERS",   [RCODE_BADCOOKIE] = "BADCOOKIE",
	};
	const char *word = rcode < sizeof WORDS / sizeof WORDS[0] ? WORDS[rcode] : NULL;
	if (word != NULL)
		(void)snprintf(text, RCODE_TEXT_SIZE, "%s", word);
	else
		(void)snprintf(text, RCODE_TEXT_SIZE, "RCODE%u", rcode);
	return word != NULL;
}
