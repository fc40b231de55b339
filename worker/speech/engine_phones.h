/*
 * speech/engine_phones.h
 *	  How an English word that no dictionary has is probably pronounced. Pure.
 */
#ifndef LEAP_SPEECH_ENGINE_PHONES_H
#define LEAP_SPEECH_ENGINE_PHONES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes the phones of the CMU dictionary, "K AH B ER N EH T EH S", for a word of the
 * letters a-z. A word without a vowel is spelled. False: other characters in it, or too
 * long.
 */
bool phones_of(const char *word, char *phones, size_t size);

#endif
