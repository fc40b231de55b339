/*
 * speech/language_name.h
 *	  Languages as recognisers call them: "english" is "en".
 */
#ifndef LEAP_SPEECH_LANGUAGE_NAME_H
#define LEAP_SPEECH_LANGUAGE_NAME_H

/* code receives the code of a name or of a code ("en", "en_us", "English"), in lower case and
 * without a region; "" for what is neither. */
void language_code_of(const char *name, char code[16]);

#endif
