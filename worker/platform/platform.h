/*
 * platform/platform.h
 *	  Where lessons are published to: one struct of functions a platform, one file each.
 *
 * What is to be done is decided by task/upload.c; a platform publishes, updates, removes.
 * Any of its processes may be killed at any moment, so before an effect outside it stores
 * what the next attempt needs to find out whether that happened (publication_save), and
 * right before the one act that people can see it asks whether the lease is still its own
 * (publication_confirm). The state outlives the task: a later run of the same target that is
 * not published yet gets it too, so it says of which file it tells.
 */
#ifndef LEAP_PLATFORM_PLATFORM_H
#define LEAP_PLATFORM_PLATFORM_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/report.h"
#include "base/throughput.h"
#include "storage/storage.h"

typedef struct Account Account; /* net/account.h */

typedef struct Publication
{
	const cJSON *input; /* the task's: recording, artifacts, target */
	const Storage *storage;
	const char *library;     /* absolute folder of published lessons */
	const char *library_url; /* the address it is served at; NULL or "" = it is not */
	const Reporter *reporter;
	Throughput *throughput; /* of the video, for who sends one; may be NULL */
	Account *account;       /* NULL = none */
	const cJSON *endpoints; /* what operators put in place of URLs of the platform; may be
							   NULL */
	bool allow_private_addresses;

	/* What earlier attempts of the platform stored, an object; {} = nothing. */
	const cJSON *checkpoint;
	const cJSON *journal; /* the checkpoint around it; task/upload.c's */

	/* Writes the MP4 `input` with the chapters of the outline to `output`, an empty file:
	 * leap-media's work, which only a task can have done. *written is false when there are
	 * not two chapters; NULL = cannot. */
	bool (*add_chapters)(void *arg, const cJSON *outline, double duration, int input,
						 int output, bool *written, Error *err);
	void *arg; /* of add_chapters */
} Publication;

/* Stores the platform's state durably, in place of what it stored before; the caller keeps
 * it. False: the lease is lost, stop. */
bool publication_save(const Publication *publication, const cJSON *state, Error *err);

/* Asked right before an act that cannot be undone, named for people ("publish the lesson").
 * False: the lease is lost, stop. */
bool publication_confirm(const Publication *publication, const char *what, Error *err);

/* Tells how far the task is, 0..1. False: stop. */
bool publication_progress(const Publication *publication, double fraction,
						  const char *step, Error *err);

/* What the lesson is published with here: title, description, tags, and the settings of
 * the platform (docs/metadata.md). NULL = the database said nothing. */
const cJSON *publication_settings(const Publication *publication);

/* Adds {"step","code","message"} to meta.warnings of a target: a part that failed for good
 * and does not matter enough to fail the publication. */
void publication_warn(cJSON *target, const char *step, const Error *err);

/* Whether to go on behind a file beside the video: what fails for good does not matter
 * enough to take the video back, and becomes a warning. */
bool publication_settle(cJSON *target, const char *name, bool done, const Error *err);

typedef struct Platform
{
	const char *name;    /* as in leap.platforms: "library", "youtube" ... */
	const char *purpose; /* for people */
	bool needs_account;
	bool swaps_video; /* update sends a video that has changed */

	/* Publishes a lesson. *target becomes {"remote_id","url","meta"}, owned by the caller.
	 * Asks for confirmation before the one act that people can see. */
	bool (*publish)(const Publication *publication, cJSON **target, Error *err);

	/* Brings what is published in line with the lesson: texts, subtitles, picture; the
	 * video only if input.target.video_changed and swaps_video. *target as of publish.
	 * What is gone on the platform is class permanent, code published_gone. */
	bool (*update)(const Publication *publication, const char *remote_id, cJSON **target,
				   Error *err);

	/* Takes it back; what is not there is taken back already. The caller has asked for
	 * confirmation. */
	bool (*remove)(const Publication *publication, const char *remote_id, Error *err);

	/* Whether the account works, by one cheap request: *facts becomes {"account","title",
	 * …}, owned by the caller. NULL = there is nothing to check. */
	bool (*check)(Account *account, const cJSON *endpoints, cJSON **facts, Error *err);
} Platform;

/* All platforms; NULL ends the table. */
extern const Platform *const platform_table[];

/* The platform of that name in small or capital letters, or NULL. */
const Platform *platform_find(const char *name);

extern const Platform platform_library;
extern const Platform platform_vk;
extern const Platform platform_youtube;
extern const Platform platform_s3;
extern const Platform platform_yandex_disk;

#endif
