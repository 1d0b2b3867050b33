#include "alidns_time.h"

#include <string.h>
#include <time.h>

bool timestamp_write(int64_t time_s, char text[TIMESTAMP_SIZE])
{
	time_t time = (time_t)time_s;
	struct tm parts;
	if (gmtime_r(&time, &parts) == NULL || parts.tm_year < 0 || parts.tm_year > 9999 - 1900)
		return false;
	return strftime(text, TIMESTAMP_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts) == TIMESTAMP_SIZE - 1;
}

/* The number that the run of `letter` in `pattern` stands for in `text`; -1: no number. */
static int number_at(const char *pattern, const char *text, char letter)
{
	int number = 0;
	for (size_t i = 0; pattern[i] != '\0'; i++) {
		if (pattern[i] != letter)
			continue;
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + (text[i] - '0');
	}
	return number;
}

/* 0..11; -1: none. */
static int month_of(const char *text)
{
	static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	for (int i = 0; i < 12; i++) {
		if (memcmp(text, MONTHS + (size_t)i * 3, 3) == 0)
			return i;
	}
	return -1;
}

bool http_date_read(struct bytes text, int64_t *out_s)
{
	/* the name of the day says nothing that the rest doesn't */
	static const char PATTERN[] = "***, DD *** YYYY hh:mm:ss GMT";
	const char *at = (const char *)text.data;
	*out_s = 0;
	if (text.size != sizeof PATTERN - 1)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (strchr("*DYhms", PATTERN[i]) == NULL && at[i] != PATTERN[i])
			return false;
	}
	struct tm parts = {
		.tm_mday = number_at(PATTERN, at, 'D'),
		.tm_mon = month_of(at + 8),
		.tm_year = number_at(PATTERN, at, 'Y') - 1900,
		.tm_hour = number_at(PATTERN, at, 'h'),
		.tm_min = number_at(PATTERN, at, 'm'),
		.tm_sec = number_at(PATTERN, at, 's'),
	};
	if (parts.tm_mday < 1 || parts.tm_mday > 31 || parts.tm_mon < 0 || parts.tm_year < 70 ||
	    parts.tm_hour < 0 || parts.tm_hour > 23 || parts.tm_min < 0 || parts.tm_min > 59 ||
	    parts.tm_sec < 0 || parts.tm_sec > 60)
		return false;
	*out_s = (int64_t)timegm(&parts);
	return true;
}
