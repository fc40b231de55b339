/*
 * media/options.h
 *	  The options of leap-media's commands.
 */
#ifndef LEAP_MEDIA_OPTIONS_H
#define LEAP_MEDIA_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "media/analysis.h"
#include "media/contain.h"

/* All options of all commands, -1 or NAN where not given. */
typedef struct MediaOptions
{
	int input;
	int arrival;
	double arrival_size; /* read by media_limits() */
	int output;
	int envelope;
	int waveform;
	int audio;
	int poster;
	int miniature;
	int words;
	int cuts;
	int chapters;
	int progress;
	int audio_track;
	int threads;
	double start;
	double end;
	double duration;
	const char *language;
	const char *model; /* NULL: the usual one */
	int still;
	int max_height;
	int max_bitrate;
	int audio_bitrate;
	double crf;
	const char *format; /* of sound: "ogg" ...; NULL: ogg */
	int bitrate;
	const char *keep;
	const char *mode;
	const char *log;
	BoundaryOptions boundary;
	Contained contained; /* no option: what was given up */
} MediaOptions;

/* The letter of a command that heeds no option and refuses none. */
#define OPTIONS_TAKE_ALL '*'

/* What holds where nothing is given. */
void media_options_init(MediaOptions *options);

/* Takes the options behind the command, argv[1], whose letter in the table is `letter`; one
 * that it does not know, a value out of range and a required one that is missing are errors:
 * permanent, code usage. */
bool media_options_parse(const char *command, char letter, int argc, char **argv,
						 MediaOptions *options, Error *err);

/* Prints a line for each option of a command. */
void media_options_help(char letter, FILE *to);

/* Fills *err (permanent, usage) with "format name value" and returns false. */
bool media_options_refuse(Error *err, const char *format, const char *name,
						  const char *value);

#endif
