/*
 * outline/tokens.c
 *	  Words, stop words and stems (libstemmer), numbered through a hash table.
 */
#include "outline/tokens.h"

#include <libstemmer.h>

#include "base/array.h"
#include "base/utf8.h"
#include "outline/stop_words.h"

#define LONGEST_WORD  128 /* bytes; what is longer is cut */
#define LEAST_LETTERS 3   /* of a content word */
#define FIRST_SLOTS   1024

typedef struct Slot
{
	char *stem; /* NULL: free */
	int number;
} Slot;

struct Tokenizer
{
	char language[3];
	struct sb_stemmer *stemmer; /* NULL: words are their own stems */
	Slot *slots;
	size_t slot_count; /* a power of two */
	size_t stems;
};

Tokenizer *
tokenizer_new(const char *language)
{
	Tokenizer *tokenizer = array_new(1, sizeof *tokenizer);

	snprintf(tokenizer->language, sizeof tokenizer->language, "%s", language);
	tokenizer->stemmer = sb_stemmer_new(tokenizer->language, "UTF_8");
	tokenizer->slot_count = FIRST_SLOTS;
	tokenizer->slots = array_new(FIRST_SLOTS, sizeof(Slot));
	return tokenizer;
}

void
tokenizer_free(Tokenizer *tokenizer)
{
	for (size_t i = 0; i < tokenizer->slot_count; i++)
		free(tokenizer->slots[i].stem);
	free(tokenizer->slots);
	sb_stemmer_delete(tokenizer->stemmer);
	free(tokenizer);
}

size_t
tokenizer_stems(const Tokenizer *tokenizer)
{
	return tokenizer->stems;
}

/* FNV-1a. */
static size_t
hash_of(const char *text)
{
	uint64_t hash = 14695981039346656037ull;

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char) *text) * 1099511628211ull;
	return (size_t) hash;
}

static Slot *
slot_of(Slot *slots, size_t count, const char *stem)
{
	size_t at = hash_of(stem) & (count - 1);

	while (slots[at].stem != NULL && strcmp(slots[at].stem, stem) != 0)
		at = (at + 1) & (count - 1);
	return &slots[at];
}

static void
double_slots(Tokenizer *tokenizer)
{
	size_t count = tokenizer->slot_count * 2;
	Slot *slots = array_new(count, sizeof(Slot));

	for (size_t i = 0; i < tokenizer->slot_count; i++)
		if (tokenizer->slots[i].stem != NULL)
			*slot_of(slots, count, tokenizer->slots[i].stem) = tokenizer->slots[i];
	free(tokenizer->slots);
	tokenizer->slots = slots;
	tokenizer->slot_count = count;
}

static int
number_of(Tokenizer *tokenizer, const char *stem)
{
	Slot *slot;

	if (tokenizer->stems * 2 >= tokenizer->slot_count)
		double_slots(tokenizer);
	slot = slot_of(tokenizer->slots, tokenizer->slot_count, stem);
	if (slot->stem == NULL)
		*slot = (Slot){array_text(stem), (int) tokenizer->stems++};
	return slot->number;
}

static bool
is_letter(uint32_t code)
{
	return (code >= 'a' && code <= 'z') ||
		   (code >= 0xC0 && code != 0xD7 && code != 0xF7 && code < 0x2000) ||
		   (code >= 0x2C00 && code < 0x2E00) || (code >= 0x3041 && code < 0xD800) ||
		   (code >= 0xF900 && code < 0xFE00);
}

/* One lower-case word; *letters counts those in it, digits make a word but are none. */
static bool
next_word(const char **text, char *word, size_t *letters)
{
	size_t length = 0;

	*letters = 0;
	for (;;)
	{
		const char *ahead = *text;
		uint32_t code = utf8_lower(utf8_next(&ahead));
		const char *after = ahead;
		bool letter = is_letter(code);
		bool inside = letter || (code >= '0' && code <= '9');

		if (code == 0x2019)
			code = '\'';
		if (code == '\'' && *letters > 0)
			inside = is_letter(utf8_lower(utf8_next(&after)));
		if (!inside && (length > 0 || code == 0))
			break;
		*text = ahead;
		if (!inside || length + 5 > LONGEST_WORD)
			continue;
		length += utf8_put(code == 0x0451 ? 0x0435 : code, word + length);
		*letters += letter;
	}
	word[length] = '\0';
	return length > 0;
}

void
tokenizer_split(Tokenizer *tokenizer, const char *text, Utterance *utterance)
{
	char word[LONGEST_WORD];
	size_t room = utterance->token_count;
	size_t letters;

	while (next_word(&text, word, &letters))
	{
		Token token = {NO_STEM, array_text(word)};

		if (letters >= LEAST_LETTERS && !stop_word(tokenizer->language, word))
		{
			const sb_symbol *stem = NULL;

			if (tokenizer->stemmer != NULL)
				stem = sb_stemmer_stem(tokenizer->stemmer, (const sb_symbol *) word,
									   (int) strlen(word));
			token.stem = number_of(tokenizer, stem != NULL ? (const char *) stem : word);
		}
		utterance->tokens = array_room(utterance->tokens, &room,
									   utterance->token_count + 1, sizeof(Token));
		utterance->tokens[utterance->token_count++] = token;
	}
}
