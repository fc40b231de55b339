/*
 * media/analysis.h
 *	  The commands that look at a recording: analyse, boundaries, probe.
 *
 * Their results are the JSON objects of docs/protocol.md section 3.
 */
#ifndef LEAP_MEDIA_ANALYSIS_H
#define LEAP_MEDIA_ANALYSIS_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "media/boundary.h"

/* Descriptors; -1: absent. */
typedef struct AnalyseOptions
{
	int input_fd;
	int arrival_fd; /* the input is still being fetched: the socket to the fetcher */
	int envelope_fd;
	int waveform_fd;
	int audio_fd;
	int poster_fd;
	int miniature_fd; /* with poster_fd only */
	int progress_fd;
	int threads;
	BoundaryOptions boundary;
} AnalyseOptions;

bool analysis_run(const AnalyseOptions *options, cJSON **result, Error *err);

/* Judges a stored envelope again; duration in seconds. */
bool analysis_boundaries(int envelope_fd, double duration, const BoundaryOptions *options,
						 cJSON **result, Error *err);

/* What the headers say. */
bool analysis_probe(int input_fd, cJSON **result, Error *err);

#endif
