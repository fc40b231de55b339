/*
 * source/site_error.c
 *	  What yt-dlp complains of: it has words for it, not codes.
 */
#include "source/site_error.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "net/url.h"
#include "source/name.h"

#define SHOWN 400

/* The first row whose words are in it decides. */
static const struct
{
	const char *words;
	ErrorClass class;
	const char *code;
	const char *hint;
} complaints[] = {
	{"Unsupported URL",           ERROR_INPUT,        "unsupported_site",
	 "Name the page of the recording itself, or a link to its file."                                     },
	{"no such option",            ERROR_PERMANENT,    "site_program_missing",
	 "Install a yt-dlp of 2023 or later."																},
	{"No space left",             ERROR_TRANSIENT,    "storage_full",         "Make room on the storage."},
	{"File too large",            ERROR_INPUT,        "too_large",
	 "Choose a lower quality, or make room on the storage."                                              },
	{"HTTP Error 429",            ERROR_RATE_LIMITED, "rate_limited",         NULL                       },
	{"HTTP Error 404",            ERROR_INPUT,        "source_missing",
	 "Look in a browser whether it is still there."													  },
	{"HTTP Error 410",            ERROR_INPUT,        "source_missing",
	 "Look in a browser whether it is still there."													  },
	{"HTTP Error 401",            ERROR_PERMANENT,    "access_denied",
	 "It must be open to everybody who has its link."                                                    },
	{"HTTP Error 403",            ERROR_PERMANENT,    "access_denied",
	 "It must be open to everybody who has its link."                                                    },
	{"HTTP Error 5",              ERROR_TRANSIENT,    "server_error",         NULL                       },
	{"Requested format is not",   ERROR_INPUT,        "no_format",
	 "Choose the format any, or another quality."														},
	{"No video formats found",    ERROR_INPUT,        "no_format",
	 "Look in a browser whether it can be played."													   },
	{"Private video",             ERROR_PERMANENT,    "access_denied",
	 "It must be open to everybody who has its link."                                                    },
	{"Sign in",				   ERROR_PERMANENT,    "access_denied",
	 "It must be open to everybody who has its link."                                                    },
	{"login",					 ERROR_PERMANENT,    "access_denied",
	 "It must be open to everybody who has its link."                                                    },
	{"Video unavailable",         ERROR_INPUT,        "source_missing",
	 "Look in a browser whether it is still there."													  },
	{"CERTIFICATE_VERIFY_FAILED", ERROR_PERMANENT,    "bad_certificate",
	 "The server's certificate is not valid for this name: tell its operator."                           },
	{"urlopen error",             ERROR_TRANSIENT,    "connection_lost",      NULL                       },
	{"timed out",                 ERROR_TRANSIENT,    "connection_lost",      NULL                       },
	{"Connection reset",          ERROR_TRANSIENT,    "connection_lost",      NULL                       },
};

/* The last line that is an error, without the program's request to report it. */
static const char *
last_error(const char *said)
{
	const char *found = NULL;

	for (const char *at = strstr(said, "ERROR:"); at != NULL;
		 at = strstr(at + 1, "ERROR:"))
		if (at == said || at[-1] == '\n')
			found = at + strlen("ERROR:");
	return found != NULL ? found : said;
}

/* URLs may carry secrets in their queries. */
static void
append_word(Buffer *text, const char *word, size_t length)
{
	char url[URL_SIZE];
	char shown[SHOWN];
	const char *scheme = memmem(word, length, "http", 4);

	if (scheme == NULL || memmem(word, length, "://", 3) == NULL || length >= sizeof url)
	{
		buffer_append(text, word, length);
		return;
	}
	buffer_append(text, word, (size_t) (scheme - word));
	length -= (size_t) (scheme - word);
	snprintf(url, sizeof url, "%.*s", (int) length, scheme);
	url[strcspn(url, "'\"<>;")] = '\0';
	url_redact(url, shown, sizeof shown);
	buffer_puts(text, shown);
}

static void
redact(const char *said, Buffer *text)
{
	size_t length = strcspn(said, "\n");

	for (size_t at = 0; at < length;)
	{
		size_t word = strcspn(said + at, " \n");

		append_word(text, said + at, word);
		at += word;
		if (at < length)
			buffer_puts(text, " ");
		at++;
	}
}

bool
site_error(const char *said, const char *how, Error *err)
{
	CLEANUP(buffer) Buffer text;
	char shown[NAME_SIZE];
	const char *line = last_error(said);

	line += strspn(line, " \n");
	buffer_init(&text);
	redact(line, &text);
	name_tidy(text.data, shown);
	for (size_t i = 0; i < sizeof complaints / sizeof complaints[0]; i++)
		if (strstr(said, complaints[i].words) != NULL)
			return error_set(err, complaints[i].class, complaints[i].code,
							 complaints[i].hint, "yt-dlp cannot fetch it: %.400s", shown);
	return error_set(err, ERROR_TRANSIENT, "site_failed",
					 "Sites change often: a newer yt-dlp may know this one again.",
					 "yt-dlp ended by %s: %.400s", how, shown);
}
