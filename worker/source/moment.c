/*
 * source/moment.c
 *	  Times and lengths as lists and feeds write them (ISO 8601, RFC 3339, RFC 5322).
 */
#include "source/moment.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define DAY           86400.0
#define LAST_SECOND   4102444799.0 /* of 2099 */
#define LONGEST       (1000 * DAY)
#define NO_ZONE_GIVEN 0

/* So many digits as a number; *at moves behind them. -1 when there are not so many. */
static int
digits(const char **at, int least, int most)
{
	int value = 0;
	int count = 0;

	while (count < most && isdigit((unsigned char) **at))
	{
		value = value * 10 + (**at - '0');
		(*at)++;
		count++;
	}
	return count >= least ? value : -1;
}

static bool
take(const char **at, char wanted)
{
	if (**at != wanted)
		return false;
	(*at)++;
	return true;
}

static void
skip_blanks(const char **at)
{
	*at += strspn(*at, " \t\r\n");
}

/* "Z", "+03", "+0300", "+03:00", "GMT", "EST"; nothing is UTC. False for what is none. */
static bool
read_zone(const char **at, int *seconds)
{
	static const struct
	{
		const char *name;
		int hours;
	} zones[] = {
		{"GMT", 0 },
        {"UTC", 0 },
        {"UT",  0 },
        {"Z",   0 },
        {"EST", -5},
        {"EDT", -4},
		{"CST", -6},
        {"CDT", -5},
        {"MST", -7},
        {"MDT", -6},
        {"PST", -8},
        {"PDT", -7}
    };
	int sign = **at == '-' ? -1 : 1;
	int hours;
	int minutes;

	skip_blanks(at);
	*seconds = NO_ZONE_GIVEN;
	if (**at == '+' || **at == '-')
	{
		sign = **at == '-' ? -1 : 1;
		(*at)++;
		hours = digits(at, 2, 2);
		(void) take(at, ':');
		minutes = isdigit((unsigned char) **at) ? digits(at, 2, 2) : 0;
		*seconds = sign * (hours * 3600 + minutes * 60);
		return hours >= 0 && hours <= 14 && minutes >= 0 && minutes < 60;
	}
	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
	{
		size_t length = strlen(zones[i].name);

		if (strncasecmp(*at, zones[i].name, length) == 0 &&
			!isalpha((unsigned char) (*at)[length]))
		{
			*at += length;
			*seconds = zones[i].hours * 3600;
			return true;
		}
	}
	return **at == '\0';
}

/* "10:00", "10:00:05", "10:00:05.25" */
static bool
read_clock(const char **at, struct tm *when)
{
	when->tm_hour = digits(at, 1, 2);
	if (!take(at, ':'))
		return false;
	when->tm_min = digits(at, 2, 2);
	when->tm_sec = take(at, ':') ? digits(at, 2, 2) : 0;
	if (when->tm_sec > 59) /* a leap second */
		when->tm_sec = 59;
	if (take(at, '.') || take(at, ','))
		*at += strspn(*at, "0123456789");
	return when->tm_hour >= 0 && when->tm_hour < 24 && when->tm_min >= 0 &&
		   when->tm_min < 60 && when->tm_sec >= 0;
}

static double
seconds_of(struct tm *when, int zone)
{
	struct tm again = *when;
	time_t seconds = timegm(&again);
	double moment = (double) seconds - zone;

	/* timegm makes a March of the 30th of February */
	if (when->tm_mday < 1 || again.tm_mday != when->tm_mday ||
		again.tm_mon != when->tm_mon)
		return -1;
	return moment >= 0 && moment <= LAST_SECOND ? moment : -1;
}

static double
read_iso(const char *at)
{
	struct tm when = {0};
	int zone = 0;

	when.tm_year = digits(&at, 4, 4) - 1900;
	if (!take(&at, '-'))
		return -1;
	when.tm_mon = digits(&at, 2, 2) - 1;
	if (!take(&at, '-'))
		return -1;
	when.tm_mday = digits(&at, 2, 2);
	if ((take(&at, 'T') || take(&at, 't') ||
		 (*at == ' ' && isdigit((unsigned char) at[1]) && take(&at, ' '))) &&
		(!read_clock(&at, &when) || !read_zone(&at, &zone)))
		return -1;
	skip_blanks(&at);
	if (*at != '\0' || when.tm_mon < 0 || when.tm_mon > 11)
		return -1;
	return seconds_of(&when, zone);
}

/* "Sun, 01 Mar 2026 10:00:00 +0300" */
static double
read_mail(const char *at)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm when = {.tm_mon = -1};
	const char *comma = strchr(at, ',');
	int zone = 0;

	if (comma != NULL)
		at = comma + 1;
	skip_blanks(&at);
	when.tm_mday = digits(&at, 1, 2);
	skip_blanks(&at);
	for (int month = 0; month < 12; month++)
		if (strncasecmp(at, months + 3 * month, 3) == 0)
			when.tm_mon = month;
	if (when.tm_mon < 0)
		return -1;
	at += 3;
	while (isalpha((unsigned char) *at))
		at++;
	skip_blanks(&at);
	when.tm_year = digits(&at, 4, 4) - 1900;
	skip_blanks(&at);
	if (!read_clock(&at, &when) || !read_zone(&at, &zone))
		return -1;
	return seconds_of(&when, zone);
}

double
moment_read(const char *text)
{
	skip_blanks(&text);
	return isdigit((unsigned char) text[0]) && isdigit((unsigned char) text[1]) &&
				   isdigit((unsigned char) text[2])
			   ? read_iso(text)
			   : read_mail(text);
}

/* "PT1H30M5S" */
static double
read_period(const char *at)
{
	static const struct
	{
		char letter;
		double seconds;
	} parts[] = {
		{'H', 3600},
        {'M', 60  },
        {'S', 1   }
    };
	double length = 0;
	size_t next = 0;

	if (*at == '\0')
		return -1;
	while (*at != '\0')
	{
		char *end;
		double value = isdigit((unsigned char) *at) ? strtod(at, &end) : -1;

		if (value < 0)
			return -1;
		while (next < 3 && parts[next].letter != toupper((unsigned char) *end))
			next++;
		if (next == 3)
			return -1;
		length += value * parts[next++].seconds;
		at = end + 1;
	}
	return length;
}

/* "5400", "90:00", "1:30:00" */
static double
read_colons(const char *at)
{
	double length = 0;

	for (int part = 0; part < 3; part++)
	{
		char *end;

		if (!isdigit((unsigned char) *at))
			return -1;
		length = length * 60 + strtod(at, &end);
		at = end;
		if (!take(&at, ':'))
			break;
	}
	skip_blanks(&at);
	return *at == '\0' ? length : -1;
}

double
moment_read_length(const char *text)
{
	double length;

	skip_blanks(&text);
	/* no "0x1p9", no "1e9": strtod reads more than people write */
	if (strlen(text) > 30 ||
		strspn(text, "0123456789:.PpTtHhMmSs \t\r\n") != strlen(text))
		return -1;
	length = strncasecmp(text, "PT", 2) == 0 ? read_period(text + 2) : read_colons(text);
	return length >= 0 && length <= LONGEST ? length : -1;
}
