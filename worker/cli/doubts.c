/*
 * cli/doubts.c
 *	  What speaks against the words of a recording, for people.
 */
#include "cli/doubts.h"

#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/text.h"

bool
doubts_hold(const cJSON *recording)
{
	return strcmp(json_text(recording, "hold.reason", ""), "quality") == 0;
}

/* One thing that speaks against a transcript, with the numbers. */
static void
print_doubt(FILE *out, const cJSON *reason, int indent)
{
	double at = json_number(reason, "at", -1);
	char moment[TEXT_SIZE];
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	buffer_puts(&text, json_text(reason, "message", ""));
	if (json_at(reason, "value") != NULL && json_at(reason, "limit") != NULL)
		buffer_printf(&text, " (%.4g, the limit is %.4g)",
					  json_number(reason, "value", 0), json_number(reason, "limit", 0));
	if (at >= 0)
		buffer_printf(&text, ", at %s", text_seconds(at, moment));
	fprintf(out, "%*s- ", indent, "");
	text_wrap(out, text.data, indent + 2);
}

void
doubts_print(FILE *out, const cJSON *recording, int indent)
{
	const cJSON *reason;

	cJSON_ArrayForEach(reason, json_at(recording, "facts.quality.reasons"))
		print_doubt(out, reason, indent);
}
