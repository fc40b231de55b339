/*
 * speech/language_name.c
 *	  Languages as recognisers call them.
 */
#include "speech/language_name.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct
{
	const char *name;
	const char *code;
} languages[] = {
	{"english",        "en" },
    {"chinese",        "zh" },
    {"german",         "de" },
	{"spanish",        "es" },
    {"russian",        "ru" },
    {"korean",         "ko" },
	{"french",         "fr" },
    {"japanese",       "ja" },
    {"portuguese",     "pt" },
	{"turkish",        "tr" },
    {"polish",         "pl" },
    {"catalan",        "ca" },
	{"dutch",          "nl" },
    {"arabic",         "ar" },
    {"swedish",        "sv" },
	{"italian",        "it" },
    {"indonesian",     "id" },
    {"hindi",          "hi" },
	{"finnish",        "fi" },
    {"vietnamese",     "vi" },
    {"hebrew",         "he" },
	{"ukrainian",      "uk" },
    {"greek",          "el" },
    {"malay",          "ms" },
	{"czech",          "cs" },
    {"romanian",       "ro" },
    {"danish",         "da" },
	{"hungarian",      "hu" },
    {"tamil",          "ta" },
    {"norwegian",      "no" },
	{"thai",           "th" },
    {"urdu",           "ur" },
    {"croatian",       "hr" },
	{"bulgarian",      "bg" },
    {"lithuanian",     "lt" },
    {"latin",          "la" },
	{"maori",          "mi" },
    {"malayalam",      "ml" },
    {"welsh",          "cy" },
	{"slovak",         "sk" },
    {"telugu",         "te" },
    {"persian",        "fa" },
	{"latvian",        "lv" },
    {"bengali",        "bn" },
    {"serbian",        "sr" },
	{"azerbaijani",    "az" },
    {"slovenian",      "sl" },
    {"kannada",        "kn" },
	{"estonian",       "et" },
    {"macedonian",     "mk" },
    {"breton",         "br" },
	{"basque",         "eu" },
    {"icelandic",      "is" },
    {"armenian",       "hy" },
	{"nepali",         "ne" },
    {"mongolian",      "mn" },
    {"bosnian",        "bs" },
	{"kazakh",         "kk" },
    {"albanian",       "sq" },
    {"swahili",        "sw" },
	{"galician",       "gl" },
    {"marathi",        "mr" },
    {"punjabi",        "pa" },
	{"sinhala",        "si" },
    {"khmer",          "km" },
    {"shona",          "sn" },
	{"yoruba",         "yo" },
    {"somali",         "so" },
    {"afrikaans",      "af" },
	{"occitan",        "oc" },
    {"georgian",       "ka" },
    {"belarusian",     "be" },
	{"tajik",          "tg" },
    {"sindhi",         "sd" },
    {"gujarati",       "gu" },
	{"amharic",        "am" },
    {"yiddish",        "yi" },
    {"lao",            "lo" },
	{"uzbek",          "uz" },
    {"faroese",        "fo" },
    {"haitian creole", "ht" },
	{"pashto",         "ps" },
    {"turkmen",        "tk" },
    {"nynorsk",        "nn" },
	{"maltese",        "mt" },
    {"sanskrit",       "sa" },
    {"luxembourgish",  "lb" },
	{"myanmar",        "my" },
    {"tibetan",        "bo" },
    {"tagalog",        "tl" },
	{"malagasy",       "mg" },
    {"assamese",       "as" },
    {"tatar",          "tt" },
	{"hawaiian",       "haw"},
    {"lingala",        "ln" },
    {"hausa",          "ha" },
	{"bashkir",        "ba" },
    {"javanese",       "jv" },
    {"sundanese",      "su" },
	{"cantonese",      "yue"},
    {"burmese",        "my" },
    {"castilian",      "es" },
	{"mandarin",       "zh" },
    {"flemish",        "nl" },
    {"moldavian",      "ro" },
	{"valencian",      "ca" },
};

void
language_code_of(const char *name, char code[16])
{
	size_t length = 0;

	code[0] = '\0';
	if (name == NULL)
		return;
	for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++)
		if (strcasecmp(languages[i].name, name) == 0)
		{
			snprintf(code, 16, "%s", languages[i].code);
			return;
		}
	while (isalpha((unsigned char) name[length]))
		length++;
	if (length < 2 || length > 3 ||
		(name[length] != '\0' && strchr("-_", name[length]) == NULL))
		return;
	for (size_t i = 0; i < length; i++)
		code[i] = (char) tolower((unsigned char) name[i]);
	code[length] = '\0';
}
