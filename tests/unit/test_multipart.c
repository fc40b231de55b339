/* sources: gate/multipart.c base/buffer.c */
/*
 * tests/unit/test_multipart.c
 *	  What forms are read as, and which are refused.
 */
#include <string.h>

#include "base/cleanup.h"
#include "gate/multipart.h"
#include "tap.h"

#include "base/buffer.h"

#define FORM "multipart/form-data; boundary=b"
#define PART "--b\r\nContent-Disposition: form-data; "

/* told NULL: refused, or not whole. */
static const struct
{
	const char *type;
	const char *body;
	const char *told;
} rows[] = {
	{FORM,											PART "name=a\r\n\r\n1\r\n--b--\r\n",                                       "<a|-1>"                },
	{FORM,											PART "name=a\r\n\r\n1\r\n--b--",                                           "<a|-1>"                },
	{FORM,											PART "name=\"a\"; filename=\"x y.mp4\"\r\n\r\n1\r\n--b--",                 "<a|x y.mp4|1>"         },
	{FORM,											PART "name=a; filename=\"\\\"\\\\\"\r\n\r\n1\r\n--b--",                    "<a|\"\\|1>"            },
	{FORM,											PART "name=a\r\n\r\n\r\n\r\n--\r\n--c\r\n--b--",                           "<a|-\r\n\r\n--\r\n--c>"},
	{FORM,											PART "name=a\r\n\r\n\r\r\n--b--",                                          "<a|-\r>"               },
	{FORM,											PART "name=a\r\n\r\n\r\n" PART "name=c\r\n\r\n\r\n--b--",                  "<a|-><c|->"            },
	{"Multipart/Form-Data;charset=x; boundary=\"b\"", PART "name=a\r\n\r\n\r\n--b--",
	 "<a|->"																																			 },
	{FORM,											"--b--",																   ""					  },
	{FORM,											"",																		NULL					},
	{FORM,											PART "name=a\r\n\r\n1\r\n--b-",											NULL                    },
	{FORM,											PART "name=a\r\n\r\n1\r\n--b\r\n",                                         NULL                    },
	{FORM,											"\r\n" PART "name=a\r\n\r\n1\r\n--b--",                                    NULL                    },
	{FORM,											"text\r\n" PART "name=a\r\n\r\n1\r\n--b--",                                NULL                    },
	{FORM,											PART "name=a\r\n\r\n1\r\n--b--\r\nmore",                                   NULL                    },
	{FORM,											PART "name=a\r\n\r\n1\r\n--b \r\n",                                        NULL                    },
	{FORM,											"--b\r\n\r\n1\r\n--b--",												   NULL                    },
	{FORM,											PART "filename=a\r\n\r\n1\r\n--b--",                                       NULL                    },
	{FORM,											PART "name=a; name=c\r\n\r\n1\r\n--b--",                                   NULL                    },
	{FORM,											PART "name=a; filename=c; filename=d\r\n\r\n1\r\n--b--",                   NULL                    },
	{FORM,											PART "name=\"a\r\n\r\n1\r\n--b--",                                         NULL                    },
	{FORM,											PART "name=a\r\nContent-Disposition: form-data; name=c\r\n\r\n1\r\n--b--",
	 NULL																																				},
	{FORM,											PART "name=a\r\n folded: x\r\n\r\n1\r\n--b--",                             NULL                    },
	{FORM,											PART "name=a\r\nX: \ry\r\n\r\n1\r\n--b--",                                 NULL                    },
	{FORM,											PART "name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n1\r\n--b--",      NULL                    },
	{FORM,											"--b\nContent-Disposition: form-data; name=a\n\n1\n--b--",                 NULL                    },
	{"multipart/form-data",                           "--b--",																   NULL                    },
	{"multipart/form-data; boundary=",                "--b--",																   NULL                    },
	{"multipart/form-data; boundary=\"a\nb\"",        "--b--",																   NULL                    },
	{"multipart/form-dataset; boundary=b",            "--b--",																   NULL                    },
	{"multipart/mixed; boundary=b",                   "--b--",																   NULL                    },
};

static bool
begin(void *arg, const char *name, const char *filename)
{
	buffer_printf(arg, "<%s|%s%s", name, filename != NULL ? filename : "-",
				  filename != NULL ? "|" : "");
	return true;
}

static bool
data(void *arg, const char *bytes, size_t length)
{
	buffer_append(arg, bytes, length);
	return true;
}

static bool
end(void *arg)
{
	buffer_puts(arg, ">");
	return true;
}

int
main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		CLEANUP(buffer) Buffer told;
		const MultipartSink sink = {begin, data, end, &told};
		Multipart *form =
			multipart_new((Slice){rows[i].type, strlen(rows[i].type)}, &sink);
		bool whole;

		buffer_init(&told);
		whole = form != NULL &&
				multipart_feed(form, rows[i].body, strlen(rows[i].body)) &&
				multipart_whole(form);
		ok(whole == (rows[i].told != NULL) &&
			   (!whole || strcmp(told.data, rows[i].told) == 0),
		   "form %zu: %s", i, whole ? "read" : "refused");
		multipart_free(form);
	}
	return done_testing();
}
