#include "fedns/when.h"

#include <assert.h>
#include <stdio.h>

#define DAY_MS INT64_C(86400000)

/* Parts of a time, as in RFC 3339 section 5.6. */
struct parts {
	unsigned year, month, day, hour, minute, second;
};

static bool take_digits(struct bytes *text, size_t count, unsigned max, unsigned *out)
{
	*out = 0;
	if (text->size < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		unsigned digit = (unsigned)text->data[i] - '0';
		if (digit > 9)
			return false;
		*out = *out * 10 + digit;
	}
	text->data += count;
	text->size -= count;
	return *out <= max;
}

static bool take_octet(struct bytes *text, char octet)
{
	if (text->size == 0 || octet_lower(text->data[0]) != (uint8_t)octet)
		return false;
	text->data++;
	text->size--;
	return true;
}

static bool leap(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned month_days(unsigned year, unsigned month)
{
	static const uint8_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return DAYS[month - 1] + (month == 2 && leap(year) ? 1U : 0U);
}

static bool take_parts(struct bytes *text, struct parts *out)
{
	return take_digits(text, 4, 9999, &out->year) && take_octet(text, '-') &&
	       take_digits(text, 2, 12, &out->month) && take_octet(text, '-') &&
	       take_digits(text, 2, 31, &out->day) && take_octet(text, 't') &&
	       take_digits(text, 2, 23, &out->hour) && take_octet(text, ':') &&
	       take_digits(text, 2, 59, &out->minute) && take_octet(text, ':') &&
	       take_digits(text, 2, 60, &out->second) && /* 60: a leap second */
	       out->year >= 1 && out->month >= 1 && out->day >= 1 &&
	       out->day <= month_days(out->year, out->month);
}

static bool take_fraction_ms(struct bytes *text, unsigned *ms)
{
	*ms = 0;
	if (!take_octet(text, '.'))
		return true;
	unsigned digit, weight = 100;
	size_t count = 0;
	while (take_digits(text, 1, 9, &digit)) {
		*ms += digit * weight;
		weight /= 10;
		count++;
	}
	return count != 0;
}

static bool take_offset_minutes(struct bytes *text, int *minutes)
{
	*minutes = 0;
	if (take_octet(text, 'z'))
		return true;
	bool west = take_octet(text, '-');
	unsigned hour, minute;
	if (!west && !take_octet(text, '+'))
		return false;
	if (!take_digits(text, 2, 23, &hour) || !take_octet(text, ':') ||
	    !take_digits(text, 2, 59, &minute))
		return false;
	*minutes = (int)(hour * 60 + minute) * (west ? -1 : 1);
	return true;
}

/* Days from 1970 began to the begin of the year. */
static int64_t days_before(unsigned year)
{
	int64_t y = (int64_t)year - 1;
	return y * 365 + y / 4 - y / 100 + y / 400 - 719162;
}

int64_t when_parse(struct bytes text)
{
	struct parts parts;
	unsigned fraction_ms;
	int offset_minutes;
	if (!take_parts(&text, &parts) || !take_fraction_ms(&text, &fraction_ms) ||
	    !take_offset_minutes(&text, &offset_minutes) || text.size != 0)
		return 0;
	int64_t days = days_before(parts.year) + parts.day - 1;
	for (unsigned month = 1; month < parts.month; month++)
		days += month_days(parts.year, month);
	int64_t minutes = (int64_t)parts.hour * 60 + parts.minute - offset_minutes;
	int64_t ms = days * DAY_MS + (minutes * 60 + parts.second) * 1000 + fraction_ms;
	return ms > 0 ? ms : 0;
}

void when_text(int64_t ms, char *text)
{
	assert(ms > 0 && ms / DAY_MS < days_before(10000));
	int64_t days = ms / DAY_MS;
	int64_t rest = ms % DAY_MS;
	unsigned year = 1970;
	while (days_before(year + 1) <= days)
		year++;
	unsigned day = (unsigned)(days - days_before(year));
	unsigned month = 1;
	while (day >= month_days(year, month))
		day -= month_days(year, month++);
	(void)snprintf(text, WHEN_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", year % 10000, month,
	               (day + 1) % 100, (unsigned)(rest / 3600000) % 100, (unsigned)(rest / 60000 % 60),
	               (unsigned)(rest / 1000 % 60), (unsigned)(rest % 1000));
}
