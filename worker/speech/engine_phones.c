/*
 * speech/engine_phones.c
 *	  Spelling rules: at each place the first rule that fits gives the phones of its letters.
 *
 * The rules are ordinary school phonics without stress. They need not be right: a guess
 * near enough lets the recogniser prefer the term to a chain of similar words.
 */
#include "speech/engine_phones.h"

#include <stdio.h>
#include <string.h>

typedef enum Place
{
	ANYWHERE,
	AT_START,
	AT_END,
	BEFORE_FRONT, /* before e, i, y */
	BEFORE_VOWEL,
	LONG_VOWEL, /* before one consonant and a final e */
	OPEN        /* before one consonant and a vowel */
} Place;

typedef struct PhoneRule
{
	const char *letters;
	const char *phones;
	Place place;
} PhoneRule;

/* For each first letter longer rules come before shorter ones. */
static const PhoneRule rules[] = {
	{"augh", "AO",        ANYWHERE    },
	{"able", "AH B AH L", AT_END      },
	{"age",  "IH JH",     AT_END      },
	{"air",  "EH R",      ANYWHERE    },
	{"ai",   "EY",        ANYWHERE    },
	{"ar",   "AA R",      ANYWHERE    },
	{"au",   "AO",        ANYWHERE    },
	{"aw",   "AO",        ANYWHERE    },
	{"ay",   "EY",        ANYWHERE    },
	{"a",    "EY",        LONG_VOWEL  },
	{"a",    "AH",        AT_END      },
	{"a",    "AE",        ANYWHERE    },
	{"bb",   "B",         ANYWHERE    },
	{"b",    "B",         ANYWHERE    },
	{"cc",   "K",         ANYWHERE    },
	{"ch",   "CH",        ANYWHERE    },
	{"ck",   "K",         ANYWHERE    },
	{"c",    "S",         BEFORE_FRONT},
	{"c",    "K",         ANYWHERE    },
	{"dge",  "JH",        ANYWHERE    },
	{"dd",   "D",         ANYWHERE    },
	{"d",    "D",         ANYWHERE    },
	{"eigh", "EY",        ANYWHERE    },
	{"ear",  "IH R",      ANYWHERE    },
	{"ea",   "IY",        ANYWHERE    },
	{"ed",   "D",         AT_END      },
	{"ee",   "IY",        ANYWHERE    },
	{"ei",   "EY",        ANYWHERE    },
	{"er",   "ER",        ANYWHERE    },
	{"eu",   "Y UW",      ANYWHERE    },
	{"ew",   "UW",        ANYWHERE    },
	{"ey",   "IY",        AT_END      },
	{"es",   "IH Z",      AT_END      },
	{"e",    "",          AT_END      },
	{"e",    "IY",        LONG_VOWEL  },
	{"e",    "EH",        ANYWHERE    },
	{"ff",   "F",         ANYWHERE    },
	{"f",    "F",         ANYWHERE    },
	{"gh",   "G",         AT_START    },
	{"gh",   "",          ANYWHERE    },
	{"gg",   "G",         ANYWHERE    },
	{"gn",   "N",         AT_START    },
	{"gi",   "G IH",      AT_START    },
	{"g",    "JH",        BEFORE_FRONT},
	{"g",    "G",         ANYWHERE    },
	{"h",    "HH",        ANYWHERE    },
	{"igh",  "AY",        ANYWHERE    },
	{"ia",   "IY AH",     ANYWHERE    },
	{"ie",   "IY",        ANYWHERE    },
	{"ir",   "ER",        ANYWHERE    },
	{"i",    "AY",        LONG_VOWEL  },
	{"i",    "IY",        AT_END      },
	{"i",    "IH",        ANYWHERE    },
	{"j",    "JH",        ANYWHERE    },
	{"kn",   "N",         AT_START    },
	{"kk",   "K",         ANYWHERE    },
	{"k",    "K",         ANYWHERE    },
	{"le",   "AH L",      AT_END      },
	{"ll",   "L",         ANYWHERE    },
	{"l",    "L",         ANYWHERE    },
	{"mm",   "M",         ANYWHERE    },
	{"m",    "M",         ANYWHERE    },
	{"ng",   "NG",        AT_END      },
	{"nk",   "NG K",      ANYWHERE    },
	{"nn",   "N",         ANYWHERE    },
	{"n",    "N",         ANYWHERE    },
	{"ough", "AO",        ANYWHERE    },
	{"ous",  "AH S",      AT_END      },
	{"oa",   "OW",        ANYWHERE    },
	{"oi",   "OY",        ANYWHERE    },
	{"oo",   "UW",        ANYWHERE    },
	{"or",   "AO R",      ANYWHERE    },
	{"ou",   "AW",        ANYWHERE    },
	{"ow",   "OW",        AT_END      },
	{"ow",   "AW",        ANYWHERE    },
	{"oy",   "OY",        ANYWHERE    },
	{"o",    "OW",        LONG_VOWEL  },
	{"o",    "OW",        AT_END      },
	{"o",    "AA",        ANYWHERE    },
	{"ph",   "F",         ANYWHERE    },
	{"ps",   "S",         AT_START    },
	{"pp",   "P",         ANYWHERE    },
	{"p",    "P",         ANYWHERE    },
	{"que",  "K",         AT_END      },
	{"qu",   "K W",       ANYWHERE    },
	{"q",    "K",         ANYWHERE    },
	{"rr",   "R",         ANYWHERE    },
	{"rh",   "R",         ANYWHERE    },
	{"r",    "R",         ANYWHERE    },
	{"sion", "ZH AH N",   ANYWHERE    },
	{"sch",  "S K",       ANYWHERE    },
	{"sh",   "SH",        ANYWHERE    },
	{"ss",   "S",         ANYWHERE    },
	{"s",    "S",         ANYWHERE    },
	{"tion", "SH AH N",   ANYWHERE    },
	{"ture", "CH ER",     AT_END      },
	{"tch",  "CH",        ANYWHERE    },
	{"th",   "TH",        ANYWHERE    },
	{"tt",   "T",         ANYWHERE    },
	{"t",    "T",         ANYWHERE    },
	{"ue",   "UW",        AT_END      },
	{"ur",   "ER",        ANYWHERE    },
	{"u",    "Y UW",      AT_START    },
	{"u",    "UW",        AT_END      },
	{"u",    "UW",        OPEN        },
	{"u",    "AH",        ANYWHERE    },
	{"vv",   "V",         ANYWHERE    },
	{"v",    "V",         ANYWHERE    },
	{"wh",   "W",         ANYWHERE    },
	{"wr",   "R",         AT_START    },
	{"w",    "W",         ANYWHERE    },
	{"x",    "Z",         AT_START    },
	{"x",    "K S",       ANYWHERE    },
	{"y",    "Y",         BEFORE_VOWEL},
	{"y",    "IY",        AT_END      },
	{"y",    "IH",        ANYWHERE    },
	{"zz",   "Z",         ANYWHERE    },
	{"z",    "Z",         ANYWHERE    },
};

/* The names of the letters, for words that are spelled. */
static const char *const letter_names[] = {
	"EY",
	"B IY",
	"S IY",
	"D IY",
	"IY",
	"EH F",
	"JH IY",
	"EY CH",
	"AY",
	"JH EY",
	"K EY",
	"EH L",
	"EH M",
	"EH N",
	"OW",
	"P IY",
	"K Y UW",
	"AA R",
	"EH S",
	"T IY",
	"Y UW",
	"V IY",
	"D AH B AH L Y UW",
	"EH K S",
	"W AY",
	"Z IY",
};

static bool
is_one_of(char letter, const char *set)
{
	return letter != '\0' && strchr(set, letter) != NULL;
}

/* The rule's letters stand at word[at], and what is around them suits it. */
static bool
fits(const PhoneRule *rule, const char *word, size_t at)
{
	size_t length = strlen(rule->letters);
	const char *behind = word + at + length;

	if (strncmp(word + at, rule->letters, length) != 0)
		return false;
	switch (rule->place)
	{
		case ANYWHERE:
			return true;
		case AT_START:
			return at == 0;
		case AT_END:
			return at > 0 && *behind == '\0';
		case BEFORE_FRONT:
			return is_one_of(*behind, "eiy");
		case BEFORE_VOWEL:
			return is_one_of(*behind, "aeiou");
		case LONG_VOWEL:
			return *behind != '\0' && !is_one_of(*behind, "aeiouxy") &&
				   strcmp(behind + 1, "e") == 0;
		case OPEN:
			return *behind != '\0' && !is_one_of(*behind, "aeiouxy") &&
				   is_one_of(behind[1], "aeiouy");
	}
	return false;
}

static bool
append(char *phones, size_t size, const char *more)
{
	size_t length = strlen(phones);

	if (*more == '\0')
		return true;
	return (size_t) snprintf(phones + length, size - length, "%s%s",
							 length > 0 ? " " : "", more) < size - length;
}

static bool
spell(const char *word, char *phones, size_t size)
{
	for (; *word != '\0'; word++)
		if (!append(phones, size, letter_names[*word - 'a']))
			return false;
	return true;
}

bool
phones_of(const char *word, char *phones, size_t size)
{
	size_t length = strlen(word);
	size_t at = 0;

	phones[0] = '\0';
	if (length == 0 || strspn(word, "abcdefghijklmnopqrstuvwxyz") != length)
		return false;
	if (strpbrk(word, "aeiouy") == NULL || length == 1)
		return spell(word, phones, size);
	while (at < length)
	{
		const PhoneRule *rule = rules;

		/* every letter has a rule that fits anywhere */
		while (!fits(rule, word, at))
			rule++;
		if (!append(phones, size, rule->phones))
			return false;
		at += strlen(rule->letters);
	}
	return phones[0] != '\0';
}
