/*
 * media/facts.c
 *	  Parts of the analysis as JSON.
 */
#include "media/facts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void
facts_number(cJSON *object, const char *name, double value, int decimals)
{
	double scale = pow(10.0, decimals);

	cJSON_AddNumberToObject(object, name,
							isfinite(value) ? round(value * scale) / scale : 0.0);
}

/* As text: a number in JSON holds 53 bits in most programs. */
void
facts_bytes(cJSON *object, const char *name, int64_t bytes)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, bytes);
	cJSON_AddStringToObject(object, name, text);
}

void
facts_file(cJSON *object, const char *container, double duration, int64_t bytes)
{
	cJSON_AddStringToObject(object, "container", container);
	facts_number(object, "duration", duration, 3);
	facts_bytes(object, "bytes", bytes);
}

void
facts_video(cJSON *object, const VideoTrack *video)
{
	const AVCodecParameters *parameters;
	cJSON *facts;

	if (video->stream == NULL)
	{
		cJSON_AddNullToObject(object, "video");
		return;
	}
	parameters = video->stream->codecpar;
	facts = cJSON_AddObjectToObject(object, "video");
	cJSON_AddStringToObject(facts, "codec", avcodec_get_name(parameters->codec_id));
	cJSON_AddNumberToObject(facts, "width", parameters->width);
	cJSON_AddNumberToObject(facts, "height", parameters->height);
	facts_number(facts, "frame_rate", video_frame_rate(video), 3);
	cJSON_AddBoolToObject(facts, "variable_rate", video_is_variable(video));
	cJSON_AddNumberToObject(facts, "rotation", video_rotation(video->stream));
}

cJSON *
facts_sound(cJSON *array, const AVStream *stream)
{
	const AVCodecParameters *parameters = stream->codecpar;
	const AVDictionaryEntry *language =
		av_dict_get(stream->metadata, "language", NULL, 0);
	cJSON *facts = cJSON_CreateObject();

	cJSON_AddNumberToObject(facts, "index", stream->index);
	cJSON_AddStringToObject(facts, "codec", avcodec_get_name(parameters->codec_id));
	cJSON_AddNumberToObject(facts, "sample_rate", parameters->sample_rate);
	cJSON_AddNumberToObject(facts, "channels", parameters->ch_layout.nb_channels);
	if (language != NULL && strcmp(language->value, "und") != 0)
		cJSON_AddStringToObject(facts, "language", language->value);
	cJSON_AddItemToArray(array, facts);
	return facts;
}

static void
add_loudness(cJSON *object, const Boundaries *found)
{
	cJSON *loudness;

	if (found->verdict == SPEECH_NO_AUDIO)
	{
		cJSON_AddNullToObject(object, "loudness");
		return;
	}
	loudness = cJSON_AddObjectToObject(object, "loudness");
	facts_number(loudness, "noise_db", found->noise_db, 1);
	facts_number(loudness, "speech_db", found->speech_db, 1);
	facts_number(loudness, "threshold_db", found->threshold_db, 1);
}

static void
add_span(cJSON *object, Span span)
{
	facts_number(object, "start", span.start, 3);
	facts_number(object, "end", span.end, 3);
}

void
facts_boundaries(cJSON *object, const Boundaries *found)
{
	cJSON *speech;
	cJSON *pauses;
	cJSON *keep;

	add_loudness(object, found);
	speech = cJSON_AddObjectToObject(object, "speech");
	cJSON_AddStringToObject(speech, "verdict", speech_verdict_name(found->verdict));
	facts_number(speech, "first", found->first, 2);
	facts_number(speech, "last", found->last, 2);
	facts_number(speech, "seconds", found->seconds, 2);
	pauses = cJSON_AddArrayToObject(object, "pauses");
	for (size_t i = 0; i < found->pause_count; i++)
	{
		cJSON *pause = cJSON_CreateObject();

		add_span(pause, found->pauses[i]);
		cJSON_AddItemToArray(pauses, pause);
	}
	keep = cJSON_AddObjectToObject(object, "keep");
	add_span(keep, found->keep);
	facts_number(keep, "removed_share", found->removed_share, 4);
	if (found->flag != NULL)
		cJSON_AddStringToObject(keep, "flag", found->flag);
	else
		cJSON_AddNullToObject(keep, "flag");
}

void
facts_verdict(cJSON *object, const Integrity *integrity)
{
	cJSON *reasons;

	cJSON_AddStringToObject(object, "verdict",
							verdict_name(integrity_verdict(integrity)));
	reasons = cJSON_AddArrayToObject(object, "reasons");
	for (int code = 0; code < FAULT_COUNT; code++)
	{
		const Fault *fault = &integrity->faults[code];
		char message[160];
		cJSON *reason;

		if (fault->count == 0)
			continue;
		reason = cJSON_CreateObject();
		cJSON_AddStringToObject(reason, "code", fault_name((FaultCode) code));
		fault_message(integrity, (FaultCode) code, message, sizeof message);
		cJSON_AddStringToObject(reason, "message", message);
		if (fault->at >= 0.0)
			facts_number(reason, "at", fault->at, 3);
		if (fault->position >= 0)
			facts_bytes(reason, "position", fault->position);
		cJSON_AddItemToArray(reasons, reason);
	}
}
