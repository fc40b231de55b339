/* sources: speech/chain.c speech/provider.c speech/heard.c speech/hearing.c speech/transcript.c speech/transcript_json.c speech/sentence.c base/spans.c base/hash.c base/json.c base/error.c base/buffer.c base/utf8.c */
/* libs: libcjson libcrypto -lm */
/*
 * tests/unit/test_chain.c
 *	  One provider's turn: what it is told, what is believed of its answer, what is stored of
 *	  it, and which failure is told in the end.
 */
#include "speech/chain.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "tap.h"

static const char *answer; /* what the provider says; NULL: it fails */
static Error failure;      /* how */
static char told[200];     /* what it was told */
static char *stored;       /* the last checkpoint */
static bool lease_is_gone;

static bool
provider(const SpeechRequest *request, cJSON **heard, Error *err)
{
	CLEANUP(json) cJSON *state = cJSON_Parse("{\"job\":7}");

	snprintf(told, sizeof told, "%s %s %s", json_text(request->provider, "model", "-"),
			 request->key != NULL ? request->key : "-",
			 json_text(request->progress_state, "job", "-"));
	speech_use(request, "requests", 1);
	if (!request->save(request->save_arg, state, err))
		return false;
	if (answer == NULL)
	{
		*err = failure;
		return false;
	}
	*heard = cJSON_Parse(answer);
	return true;
}

static const Speech table[] = {
	{"fake", "for tests", provider},
	{NULL,   NULL,        NULL    },
};

static bool
checkpoint(void *arg, const cJSON *state)
{
	(void) arg;
	free(stored);
	stored = json_print(state);
	return !lease_is_gone;
}

static const Reporter reporter = {.checkpoint = checkpoint};
static const Span spans[] = {
	{5,  10},
    {20, 30}
};

/* Asks one provider; the code of its failure, or the words. */
static const char *
ask(SpeechChain *chain, const char *row, const char *language)
{
	static char text[200];
	CLEANUP(json) cJSON *parsed = cJSON_Parse(row);
	CLEANUP(transcript) Transcript heard;
	SpeechRequest request = {
		.spans = spans, .span_count = 2, .language = language, .reporter = &reporter};
	Error err;

	*text = '\0';
	if (!chain_ask(chain, parsed, &request, &heard, &err))
	{
		snprintf(text, sizeof text, "%s/%s", error_class_name(err.class), err.code);
		return text;
	}
	for (size_t i = 0; i < heard.word_count; i++)
	{
		size_t length = strlen(text);

		snprintf(text + length, sizeof text - length, "%s%s", i > 0 ? " " : "",
				 heard.words[i].text);
	}
	return text;
}

#define ROW \
	"{\"name\":\"a\",\"protocol\":\"fake\",\"model\":\"m\",\"languages\":[\"en\"]}"
#define WORDS                                                                     \
	"{\"language\":\"en\",\"model\":\"m\",\"words\":["                            \
	"{\"start\":1,\"end\":2,\"word\":\"outside\"},"                               \
	"{\"start\":25,\"end\":26,\"word\":\"all\"},{\"start\":6,\"end\":7,\"word\":" \
	"\"good\"}]}"

static void
test_ask(void)
{
	CLEANUP(json) cJSON *keys = cJSON_Parse("{\"a\":\"secret\"}");
	CLEANUP(json)
	cJSON *before = cJSON_Parse(
		"{\"speech\":{\"a\":{\"job\":\"old\"}},\"usage\":{\"a\":{\"requests\":2}}}");
	CLEANUP(chain) SpeechChain chain;

	chain_begin(&chain, table, NULL, keys, before);
	answer = WORDS;
	is_str(ask(&chain, ROW, "en-GB"), "good all", "words in order, within the spans");
	is_str(told, "m secret old", "  the provider got its row, its key and its state");
	is_str(
		stored, "{\"speech\":{\"a\":{\"job\":7}},\"usage\":{\"a\":{\"requests\":3}}}",
		"  what it saves is stored with what was asked of it, earlier attempts included");
	is_int(cJSON_GetArraySize(chain.errors), 0, "  and nothing failed");

	is_str(ask(&chain, ROW, "ru"), "input/language_unsupported",
		   "a language it does not know");
	is_str(ask(&chain, "{\"name\":\"b\",\"protocol\":\"other\"}", NULL),
		   "permanent/provider_unknown", "a protocol this program does not speak");
	answer = "{\"words\":[]}";
	is_str(ask(&chain, ROW, NULL), "input/no_words", "an answer without words");
	answer = "{\"words\":[{\"word\":\"x\"}]}";
	is_str(ask(&chain, ROW, NULL), "permanent/bad_transcript", "words without times");
	answer = "[]";
	is_str(ask(&chain, ROW, NULL), "permanent/bad_transcript", "no object");
	is_int(cJSON_GetArraySize(chain.errors), 5, "each of these is kept");
	is_str(json_text(cJSON_GetArrayItem(chain.errors, 0), "provider", ""), "a",
		   "  with its provider");

	answer = NULL;
	error_set(&failure, ERROR_INPUT, "no_captions", NULL, "none");
	is_str(ask(&chain, ROW, NULL), "input/no_captions",
		   "a provider with nothing to offer");
	lease_is_gone = true;
	is_str(ask(&chain, ROW, NULL), "lost/cancelled", "without the lease it stops");
	lease_is_gone = false;
	is_int(cJSON_GetArraySize(chain.errors), 5, "neither is a failure of a provider");
}

/* The codes in the order in which they happen; the one that is told. */
static void
told_of(ErrorClass first, ErrorClass second, const char *wanted, const char *what)
{
	Error worst = {.class = ERROR_NONE};
	Error next = {.class = first, .code = "first"};

	chain_worse(&worst, &next);
	next = (Error){.class = second, .code = "second"};
	chain_worse(&worst, &next);
	is_str(worst.code, wanted, what);
}

int
main(void)
{
	test_ask();
	told_of(ERROR_PERMANENT, ERROR_INPUT, "second", "the last failure is told");
	told_of(ERROR_TRANSIENT, ERROR_INPUT, "first", "but one that may pass comes first");
	told_of(ERROR_RATE_LIMITED, ERROR_TRANSIENT, "first",
			"and one that says when to come back before that");
	told_of(ERROR_CREDENTIAL, ERROR_TRANSIENT, "second", "whatever came before");
	free(stored);
	return done_testing();
}
