/* sources: rest/payload.c rest/payload_json.c rest/error.c base/arena.c base/buffer.c base/utf8.c */
/*
 * tests/fuzz/fuzz_payload.c
 *	  Whatever the body: it is refused with PGRST102, or it is JSON with names that are sorted
 *	  and there once. What a form or CSV becomes is JSON that is understood again.
 */
#include "driver.h"
#include "rest/payload.h"

/* The first character says what the rest is. */
const char *const fuzz_samples[] = {
	"j{\"id\":1,\"name\":\"a\\u00e9\\n\",\"list\":[1,-2.5e+3]}",
	"j[{\"a\":null,\"b\":true},{\"b\":{},\"a\":\"\\\\\"}]",
	"j \t[ ] ",
	"j[{\"\\u0061\":1},{\"a\":2}]",
	"ca,b\n1,\"x,\"\"y\"\"\"\r\nNULL,\"NULL\"\n",
	"fa=1&b=%20x+y&a=%ff&=&c",
	NULL};

static void
check_names(const Payload *payload)
{
	for (size_t i = 1; i < payload->name_count; i++)
		fuzz_check(strcmp(payload->names[i - 1], payload->names[i]) < 0,
				   "names are sorted, each once");
}

static bool
read_body(Arena *arena, PayloadType type, Slice body, Payload *payload)
{
	RestQuery query = {0};
	RestError error = {0};

	*payload = (Payload){.type = type};
	if (payload_read(arena, body, &query, false, payload, &error))
		return true;
	fuzz_check(strcmp(error.code, "PGRST102") == 0 && error.status == 400,
			   "a body is refused as such");
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Arena arena = {NULL};
	Slice body = {(const char *) data + 1, size > 0 ? size - 1 : 0};
	Payload payload, again;
	char kind = size > 0 ? (char) *data : '\0';
	PayloadType type = kind == 'c'   ? PAYLOAD_CSV
					   : kind == 'f' ? PAYLOAD_FORM
									 : PAYLOAD_JSON;

	if (size > 0 && read_body(&arena, type, body, &payload))
	{
		check_names(&payload);
		fuzz_check(read_body(&arena, PAYLOAD_JSON, (Slice){payload.json, payload.length},
							 &again),
				   "what is sent to the database is JSON");
		fuzz_check(again.name_count == payload.name_count && again.array == payload.array,
				   "with the same names");
	}
	arena_free(&arena);
	return 0;
}
