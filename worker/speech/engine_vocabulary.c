/*
 * speech/engine_vocabulary.c
 *	  Reading the vocabulary.
 */
#include "speech/engine_vocabulary.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"

#define MOST_BYTES   ((size_t) 64 * 1024)
#define LONGEST_WORD 40

static bool
read_all(int fd, Buffer *text, Error *err)
{
	char block[4096];

	while (text->length < MOST_BYTES)
	{
		ssize_t got = read(fd, block, sizeof block);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, "vocabulary", "cannot read the vocabulary");
		if (got == 0)
			break;
		buffer_append(text, block, (size_t) got);
	}
	return true;
}

static bool
is_known(const Vocabulary *vocabulary, const char *word)
{
	for (size_t i = 0; i < vocabulary->count; i++)
		if (strcmp(vocabulary->words[i], word) == 0)
			return true;
	return false;
}

/* Letters, digits and bytes of other scripts make words; only those of a-z are kept. */
static void
keep_word(Vocabulary *vocabulary, const char *text, size_t length)
{
	char word[LONGEST_WORD + 1];

	if (length > LONGEST_WORD || vocabulary->count == VOCABULARY_MOST)
		return;
	for (size_t i = 0; i < length; i++)
	{
		word[i] = (char) tolower((unsigned char) text[i]);
		if (word[i] < 'a' || word[i] > 'z')
			return;
	}
	word[length] = '\0';
	if (is_known(vocabulary, word))
		return;
	vocabulary->words = array_room(vocabulary->words, &vocabulary->room,
								   vocabulary->count + 1, sizeof(char *));
	vocabulary->words[vocabulary->count++] = array_text(word);
}

bool
vocabulary_read(int fd, Vocabulary *vocabulary, Error *err)
{
	CLEANUP(buffer) Buffer text;
	size_t from = 0;

	memset(vocabulary, 0, sizeof *vocabulary);
	buffer_init(&text);
	if (fd < 0)
		return true;
	if (!read_all(fd, &text, err))
		return false;
	for (size_t i = 0; i <= text.length; i++)
	{
		unsigned char byte = (unsigned char) text.data[i];

		if (isalnum(byte) || byte >= 0x80 || byte == '\'')
			continue;
		if (i > from)
			keep_word(vocabulary, text.data + from, i - from);
		from = i + 1;
	}
	return true;
}

void
vocabulary_free(Vocabulary *vocabulary)
{
	for (size_t i = 0; i < vocabulary->count; i++)
		free(vocabulary->words[i]);
	free(vocabulary->words);
}
