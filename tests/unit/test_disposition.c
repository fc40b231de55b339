/* sources: gate/disposition.c base/buffer.c base/utf8.c */
/*
 * tests/unit/test_disposition.c
 *	  What a name becomes in the field that says how a file is saved.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gate/disposition.h"
#include "tap.h"

static const struct
{
	const char *name;
	const char *field;
} rows[] = {
	{"a.mp4",            "attachment; filename=\"a.mp4\""                     },
	{"",				 "attachment; filename=\"file\""                      },
	{" ..hidden",        "attachment; filename=\"hidden\""                    },
	{"C:\\x/y",          "attachment; filename=\"C__x_y\""                    },
	{"\r\nX: y\t",       "attachment; filename=\"X_ y\""                      },
	{"\xff\xc0\x80",     "attachment; filename=\"file\""                      },
	{"\xc3\xa4 50%.txt",
	 "attachment; filename=\"_ 50_.txt\"; filename*=UTF-8''%C3%A4%2050%25.txt"},
	{"a\xe2\x80\xae"
	 "b'",		  "attachment; filename=\"ab'\""                       },
};

int
main(void)
{
	CLEANUP(buffer) Buffer field;
	char *name = malloc(1001);

	buffer_init(&field);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		char wanted[300];

		(void) snprintf(wanted, sizeof wanted, "Content-Disposition: %s\r\n",
						rows[i].field);
		buffer_clear(&field);
		disposition_write(&field, rows[i].name, true);
		ok(strcmp(field.data, wanted) == 0, "%s", rows[i].field);
	}
	memset(name, 'x', 1000);
	name[1000] = '\0';
	buffer_clear(&field);
	disposition_write(&field, name, false);
	ok(strspn(strchr(field.data, '"') + 1, "x") == 200, "a name has an end");
	free(name);
	return done_testing();
}
