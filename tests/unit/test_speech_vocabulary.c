/* sources: speech/engine_vocabulary.c speech/engine_phones.c base/buffer.c base/error.c base/utf8.c */
/* libs: libcjson */
/*
 * tests/unit/test_speech_vocabulary.c
 *	  Terms of a lecture: which words are taken, and how they are thought to sound.
 */
#include <sys/mman.h>

#include "base/cleanup.h"
#include "speech/engine_phones.h"
#include "speech/engine_vocabulary.h"
#include "tap.h"

static void
sounds(const char *word, const char *wanted)
{
	char phones[256];

	ok(phones_of(word, phones, sizeof phones), "\"%s\" can be said", word);
	is_str(phones, wanted, "  like this");
}

static void
test_phones(void)
{
	static const char *const odd[] = {"", "UPPER", "naïve", "x1", "two words"};
	char phones[256];
	char tiny[4];

	sounds("cache", "K AE CH");
	sounds("jacobian", "JH AE K AA B IY AH N");
	sounds("numpy", "N AH M P IY");
	sounds("photon", "F AA T AA N");
	sounds("quicksort", "K W IH K S AO R T");
	sounds("node", "N OW D");
	sounds("sql", "EH S K Y UW EH L");
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
		ok(!phones_of(odd[i], phones, sizeof phones), "\"%s\" cannot", odd[i]);
	ok(!phones_of("quicksort", tiny, sizeof tiny), "a buffer that is too small");
}

/* Every pair of letters has a pronunciation: no rule is missing. */
static void
test_pairs(void)
{
	size_t bad = 0;

	for (char a = 'a'; a <= 'z'; a++)
		for (char b = 'a'; b <= 'z'; b++)
			for (char c = 'a'; c <= 'z'; c++)
			{
				char word[] = {a, b, c, '\0'};
				char phones[256];

				bad += !phones_of(word, phones, sizeof phones);
			}
	is_int((long long) bad, 0, "all words of three letters can be said");
}

static void
read_text(const char *text, size_t length, Vocabulary *vocabulary)
{
	CLEANUP(close) int fd = memfd_create("vocabulary", 0);
	Error err = {0};

	ok(fd >= 0 && write(fd, text, length) == (ssize_t) length &&
		   lseek(fd, 0, SEEK_SET) == 0 && vocabulary_read(fd, vocabulary, &err),
	   "a vocabulary of %zu bytes is read", length);
}

static void
test_vocabulary(void)
{
	static const char text[] =
		"Page table\npage fault\r\nсеть TCP/IP\nC++ IPv6 don't\n\nlast";
	static char many[200000];
	Vocabulary vocabulary;
	Error err = {0};

	read_text(text, sizeof text - 1, &vocabulary);
	is_int((long long) vocabulary.count, 7, "words of a-z, each once");
	is_str(vocabulary.words[0], "page", "in lower case");
	is_str(vocabulary.words[3], "tcp", "divided at signs");
	is_str(vocabulary.words[6], "last", "up to the end");
	vocabulary_free(&vocabulary);

	for (size_t i = 0; i < sizeof many; i++)
		many[i] =
			i % 5 == 4 ? '\n' : (char) ('a' + i / (i % 5 == 0 ? 5 : i % 5 * 130) % 26);
	read_text(many, sizeof many, &vocabulary);
	ok(vocabulary.count <= VOCABULARY_MOST, "a huge one is cut to %zu", vocabulary.count);
	vocabulary_free(&vocabulary);

	ok(vocabulary_read(-1, &vocabulary, &err) && vocabulary.count == 0, "none is none");
	vocabulary_free(&vocabulary);
}

int
main(void)
{
	test_phones();
	test_pairs();
	test_vocabulary();
	return done_testing();
}
