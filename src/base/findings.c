#include "fedns/findings.h"

#include "fedns/utf8.h"

#include <assert.h>
#include <stdio.h>

void findings_add(struct findings *findings, enum severity severity, enum finding_reason reason,
                  const char *fmt, ...)
{
	assert(findings != NULL && reason < FINDING_REASONS);
	if (findings->report == NULL)
		return;
	struct finding finding = {
		.severity = severity, .reason = reason, .file = findings->file, .line = findings->line};
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(finding.text, sizeof finding.text, fmt, args);
	va_end(args);
	utf8_clean(finding.text);
	findings->report(findings->arg, &finding);
}

const char *finding_reason_text(enum finding_reason reason)
{
	static const char *const WORDS[FINDING_REASONS] = {
		[FINDING_ADDRESS] = "address",     [FINDING_ANNOTATION] = "annotation",
		[FINDING_LABEL] = "label",         [FINDING_HOST] = "host",
		[FINDING_CLUSTER] = "cluster",     [FINDING_DUPLICATE] = "duplicate",
		[FINDING_NAME_SIZE] = "name_size", [FINDING_LIMIT] = "limit",
		[FINDING_OPTION] = "option",       [FINDING_OBJECT] = "object",
		[FINDING_CONFIG] = "config",
	};
	assert(reason < FINDING_REASONS);
	return WORDS[reason];
}
