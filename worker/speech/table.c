/*
 * speech/table.c
 *	  The protocols of speech providers.
 */
#include "speech/speech.h"

const Speech speech_table[] = {
	{"pocketsphinx", "offline, English, draft quality", speech_embedded},
	{NULL,		   NULL,							  NULL           },
};
