/*
 * platform/language_name.c
 *	  Languages as those who speak them call them. Pure.
 */
#include "platform/language_name.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LONGEST 35

static const struct
{
	const char *tag;
	const char *name;
} names[] = {
	{"ar", "العربية"       },
	{"be", "Беларуская" },
	{"bg", "Български"   },
	{"ca", "Català"              },
	{"cs", "Čeština"            },
	{"da", "Dansk"                },
	{"de", "Deutsch"              },
	{"el", "Ελληνικά"     },
	{"en", "English"              },
	{"es", "Español"             },
	{"et", "Eesti"                },
	{"fa", "فارسی"           },
	{"fi", "Suomi"                },
	{"fr", "Français"            },
	{"he", "עברית"           },
	{"hi", "हिन्दी"   },
	{"hu", "Magyar"               },
	{"hy", "Հայերեն"       },
	{"id", "Bahasa Indonesia"     },
	{"it", "Italiano"             },
	{"ja", "日本語"            },
	{"ka", "ქართული"},
	{"kk", "Қазақша"       },
	{"ko", "한국어"            },
	{"ky", "Кыргызча"     },
	{"lt", "Lietuvių"            },
	{"lv", "Latviešu"            },
	{"nl", "Nederlands"           },
	{"no", "Norsk"                },
	{"pl", "Polski"               },
	{"pt", "Português"           },
	{"ro", "Română"             },
	{"ru", "Русский"       },
	{"sk", "Slovenčina"          },
	{"sr", "Српски"         },
	{"sv", "Svenska"              },
	{"tg", "Тоҷикӣ"         },
	{"tr", "Türkçe"             },
	{"tt", "Татарча"       },
	{"uk", "Українська" },
	{"uz", "Oʻzbekcha"           },
	{"vi", "Tiếng Việt"       },
	{"zh", "中文"               },
};

bool
language_is_tag(const char *tag)
{
	size_t letters = strspn(tag, "abcdefghijklmnopqrstuvwxyz");
	const char *at = tag + letters;

	if (letters < 2 || letters > 3 || strlen(tag) > LONGEST)
		return false;
	while (*at == '-')
	{
		const char *part = ++at;

		while (isalnum((unsigned char) *at))
			at++;
		if (at == part)
			return false;
	}
	return *at == '\0';
}

void
language_name(const char *tag, char *name, size_t size)
{
	size_t length = strcspn(tag, "-");

	snprintf(name, size, "%s", tag);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i].tag) == length && strncmp(names[i].tag, tag, length) == 0)
			snprintf(name, size, tag[length] == '-' ? "%s (%s)" : "%s", names[i].name,
					 tag[length] == '-' ? tag + length + 1 : "");
}
