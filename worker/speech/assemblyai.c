/*
 * speech/assemblyai.c
 *	  AssemblyAI: the sound is uploaded, a job is ordered, and asked about until it is done.
 *
 * One job for one piece of sound, whatever dies when: the address of the upload is saved before
 * the job is ordered, and before it is ordered a second time, the jobs there are looked through
 * for that address. The job's id is saved before it is asked about.
 */
#include "speech/speech.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "speech/assemblyai_text.h"
#include "speech/language_name.h"
#include "speech/remote.h"

#define PAGE_SIZE    100
#define PAGES_MOST   50   /* of jobs that are looked through */
#define WORKING_MOST 3600 /* seconds that a job may take, at least */

#define SENT 0.1 /* of the work, when the sound is there */
#define DONE 0.98

typedef struct Job
{
	Remote remote;
	Chunk all; /* everything that is to be heard, as one piece */
	CutSpan *cuts;
	char *key;     /* of the work */
	char *address; /* of the sound, there */
	char *id;
	bool ordered; /* perhaps: an earlier order's answer did not come */
	bool counted; /* its sound is in the usage */
	bool gone;    /* a job that was known is no more */
} Job;

static void
cleanup_job(Job *job)
{
	remote_close(&job->remote);
	free(job->all.parts);
	free(job->cuts);
	free(job->key);
	free(job->address);
	free(job->id);
}

static char *
copy_of(const cJSON *state, const char *name)
{
	const char *text = json_text(state, name, NULL);

	return text != NULL && *text != '\0' ? array_text(text) : NULL;
}

static bool
save(const Job *job, Error *err)
{
	CLEANUP(json) cJSON *state = cJSON_CreateObject();

	cJSON_AddNumberToObject(state, "version", 1);
	cJSON_AddStringToObject(state, "key", job->key);
	if (job->address != NULL)
		cJSON_AddStringToObject(state, "upload_url", job->address);
	if (job->id != NULL)
		cJSON_AddStringToObject(state, "id", job->id);
	cJSON_AddBoolToObject(state, "counted", job->counted);
	return remote_save(&job->remote, state, err);
}

/* What an earlier attempt did of the same work. */
static void
remember(Job *job)
{
	const SpeechRequest *request = job->remote.request;
	const cJSON *state = request->progress_state;

	job->key = remote_work_key(&job->remote);
	job->all.part_count = request->span_count;
	job->all.parts = array_new(request->span_count, sizeof *job->all.parts);
	memcpy(job->all.parts, request->spans, request->span_count * sizeof *request->spans);
	job->cuts = array_new(request->span_count, sizeof *job->cuts);
	chunk_cuts(&job->all, job->cuts);
	if (strcmp(json_text(state, "key", ""), job->key) != 0)
		return;
	job->address = copy_of(state, "upload_url");
	job->id = copy_of(state, "id");
	job->ordered = job->address != NULL;
	job->counted = json_bool(state, "counted", false);
}

static bool
upload(Job *job, Error *err)
{
	CLEANUP(close) int sound = -1;
	CLEANUP(buffer) Buffer url;
	CLEANUP(buffer) Buffer type;
	CLEANUP(ask) Ask ask;
	CLEANUP(json) cJSON *json = NULL;
	const char *headers[3] = {NULL, "Content-Type: application/octet-stream", NULL};

	buffer_init(&url);
	buffer_init(&type);
	ask_init(&ask);
	remote_url(&job->remote, "/v2/upload", &url);
	if (!remote_encode(&job->remote, &job->all, 0, &sound, err))
		return false;
	headers[0] = job->remote.headers[0];
	ask.url = url.data;
	ask.file_fd = sound;
	ask.headers = headers[0] != NULL ? headers : headers + 1;
	if (!remote_ask(&job->remote, &ask, 0, "uploading", &json, err))
		return false;
	job->address = copy_of(json, "upload_url");
	return job->address != NULL ||
		   error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
					 "%s does not say where the sound is", job->remote.shown);
}

/* Of a page of jobs: the one with our address that has not failed; its oldest id. */
static bool
look_at_page(Job *job, const cJSON *page, char **oldest)
{
	const cJSON *row;

	free(*oldest);
	*oldest = NULL;
	cJSON_ArrayForEach(row, json_at(page, "transcripts"))
	{
		free(*oldest);
		*oldest = copy_of(row, "id");
		if (strcmp(json_text(row, "audio_url", ""), job->address) != 0 ||
			strcmp(json_text(row, "status", ""), "error") == 0)
			continue;
		job->id = copy_of(row, "id");
		return job->id != NULL;
	}
	return false;
}

/* Looks whether the job was ordered: the newest come first, older pages by the last id. */
static bool
look_for_job(Job *job, Error *err)
{
	CLEANUP(free) char *oldest = NULL;

	for (int pages = 0; pages < PAGES_MOST && job->id == NULL; pages++)
	{
		CLEANUP(buffer) Buffer url;
		CLEANUP(ask) Ask ask;
		CLEANUP(json) cJSON *page = NULL;

		buffer_init(&url);
		ask_init(&ask);
		remote_url(&job->remote, "/v2/transcript", &url);
		buffer_printf(&url, "?limit=%d", PAGE_SIZE);
		if (oldest != NULL)
			buffer_printf(&url, "&before_id=%s", oldest);
		ask.url = url.data;
		if (!remote_ask(&job->remote, &ask, SENT, "transcribing", &page, err))
			return false;
		if (!look_at_page(job, page, &oldest) &&
			(oldest == NULL ||
			 cJSON_GetArraySize(json_at(page, "transcripts")) < PAGE_SIZE))
			break;
	}
	return true;
}

/* Once for the job, however often it is ordered. */
static void
count_sound(Job *job, bool counted)
{
	if (job->counted != counted)
		speech_use(job->remote.request, "audio_seconds",
				   counted ? chunk_sent(&job->all) : -chunk_sent(&job->all));
	job->counted = counted;
}

/* Nothing was done for that sound; false: lost, with *err in place of the refusal. */
static bool
take_back(Job *job, Error *err)
{
	Error refusal = *err;

	count_sound(job, false);
	if (!save(job, err))
		return false;
	*err = refusal;
	return true;
}

/* An order that was cut off may still be on its way into the list: looked for twice. */
static bool
find_job(Job *job, Error *err)
{
	return look_for_job(job, err) &&
		   (job->id != NULL || (remote_wait(&job->remote, job->remote.poll_seconds, SENT,
											"transcribing", err) &&
								look_for_job(job, err)));
}

/* Orders the job once; a refusal before which nothing was done may be repeated, after all else
 * the jobs are looked through first. */
static bool
order(Job *job, Error *err)
{
	const Remote *remote = &job->remote;
	CLEANUP(free) char *text = assemblyai_order(remote->request, job->address);
	CLEANUP(buffer) Buffer url;
	CLEANUP(ask) Ask ask;
	const char *headers[3] = {remote->headers[0], "Content-Type: application/json", NULL};

	buffer_init(&url);
	ask_init(&ask);
	remote_url(remote, "/v2/transcript", &url);
	ask.url = url.data;
	ask.content = text;
	ask.headers = headers[0] != NULL ? headers : headers + 1;
	for (int tries = 1; job->id == NULL; tries++)
	{
		CLEANUP(json) cJSON *json = NULL;
		double pause;

		if (job->ordered && !find_job(job, err))
			return false;
		if (job->id != NULL)
			break;
		speech_use(remote->request, "requests", 1);
		count_sound(job, true);
		if (!save(job, err) || !remote_ask_once(remote, &ask, SENT, "transcribing", err))
			return false;
		job->ordered = true;
		if (remote_judge(remote, &ask, err))
		{
			if (json_parse(ask.body.data, ask.body.length, "answer", &json, NULL))
				job->id = copy_of(json, "id");
			if (job->id == NULL)
				error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
						  "%s does not say which job it is", remote->shown);
		}
		/* there is no second job for the same sound: what is found was counted before */
		else if ((ask.answered ? err->status <= 499 : !ask.sent) && !take_back(job, err))
			return false;
		if (job->id == NULL && (!remote_again(remote, tries, err, &pause) ||
								!remote_wait(remote, pause, SENT, "transcribing", err)))
			return false;
	}
	return job->id != NULL && save(job, err);
}

/* What follows begins with the upload; without the lease there is nothing to follow. */
static void
forget(Job *job)
{
	Error lost;

	free(job->id);
	free(job->address);
	job->id = job->address = NULL;
	job->ordered = job->counted = false;
	(void) save(job, &lost);
}

/* Why a job failed. What the sound is to blame for is the same the next time. */
static bool
judge_job(Job *job, const cJSON *json, Error *err)
{
	const char *said = json_text(json, "error", "");
	bool passing = strcasestr(said, "download") != NULL ||
				   strcasestr(said, "server error") != NULL ||
				   strcasestr(said, "try again") != NULL;

	error_set(err, passing ? ERROR_TRANSIENT : ERROR_INPUT, "provider_failed",
			  passing ? NULL : "Check the quality of the sound and the language setting.",
			  "%s gave up: %.200s", job->remote.shown, said);
	forget(job);
	return false;
}

/* *over: it is done, and *json tells of it. */
static bool
ask_about(Job *job, double done, bool *over, cJSON **json, Error *err)
{
	CLEANUP(buffer) Buffer url;
	CLEANUP(ask) Ask ask;
	const char *status;

	buffer_init(&url);
	ask_init(&ask);
	remote_url(&job->remote, "/v2/transcript/", &url);
	buffer_puts(&url, job->id);
	ask.url = url.data;
	if (!remote_ask(&job->remote, &ask, done, "transcribing", json, err))
	{
		job->gone = err->class == ERROR_PERMANENT && err->status == 404;
		if (job->gone)
			forget(job);
		return false;
	}
	status = json_text(*json, "status", "");
	/* a job that found nobody speaking has an answer: no words */
	*over = strcmp(status, "completed") == 0 ||
			strcasestr(json_text(*json, "error", ""), "no spoken audio") != NULL;
	if (!*over && strcmp(status, "error") == 0)
		return judge_job(job, *json, err);
	return true;
}

static bool
wait_for_job(Job *job, cJSON **json, Error *err)
{
	double began = clock_seconds();
	double most = fmax(job->remote.timeout_seconds, WORKING_MOST);
	double expected = fmax(chunk_sent(&job->all) / 20, 30);

	for (;;)
	{
		double waited = clock_seconds() - began;
		double done = SENT + (DONE - SENT) * (1 - exp(-waited / expected));
		bool over = false;

		if (!ask_about(job, done, &over, json, err))
			return false;
		if (over)
			return true;
		cJSON_Delete(*json);
		*json = NULL;
		if (waited > most)
			return error_set(err, ERROR_TRANSIENT, "provider_slow", NULL,
							 "%s has not done its job in %.0f s", job->remote.shown,
							 most);
		if (!remote_wait(&job->remote, job->remote.poll_seconds, done, "transcribing",
						 err))
			return false;
	}
}

/* The job's sentences; a job without them is as good. */
static bool
fetch_sentences(Job *job, cJSON **json, Error *err)
{
	CLEANUP(buffer) Buffer url;
	CLEANUP(ask) Ask ask;

	buffer_init(&url);
	ask_init(&ask);
	remote_url(&job->remote, "/v2/transcript/", &url);
	buffer_printf(&url, "%s/sentences", job->id);
	ask.url = url.data;
	return remote_ask(&job->remote, &ask, DONE, "transcribing", json, err) ||
		   err->class != ERROR_LOST;
}

/* The finished job of all that is to be heard. */
static bool
finish_job(Job *job, cJSON **json, Error *err)
{
	return (job->address != NULL || job->id != NULL || upload(job, err)) &&
		   (job->id != NULL || order(job, err)) && wait_for_job(job, json, err);
}

bool
speech_assemblyai(const SpeechRequest *request, cJSON **heard, Error *err)
{
	CLEANUP(job) Job job = {.id = NULL};
	CLEANUP(json) cJSON *json = NULL;
	CLEANUP(json) cJSON *sentences = NULL;

	if (!remote_open(request, true, &job.remote, err))
		return false;
	remember(&job);
	/* a job that the service no longer knows is ordered anew, once */
	if ((!finish_job(&job, &json, err) && !(job.gone && finish_job(&job, &json, err))) ||
		!fetch_sentences(&job, &sentences, err))
		return false;
	*heard = assemblyai_heard(json, sentences, job.cuts, job.all.part_count);
	remote_tell_outside(&job.remote, *heard);
	return true;
}
