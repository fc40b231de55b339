/*
 * speech/table.c
 *	  The protocols of speech providers.
 */
#include "speech/speech.h"

const Speech speech_table[] = {
	{"captions",     "captions that came with the recording",                 speech_captions  },
	{"pocketsphinx", "offline, English, draft quality",                       speech_embedded  },
	{"openai",       "services that speak OpenAI's /v1/audio/transcriptions", speech_openai    },
	{"assemblyai",   "AssemblyAI",											speech_assemblyai},
	{NULL,		   NULL,													NULL             },
};
