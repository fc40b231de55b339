/*
 * task/artifact.h
 *	  Files a task reads and makes.
 *
 * An output is written under a final, unique name and becomes part of the result when it
 * is complete and synced; nothing is renamed afterwards. What was begun and not finished
 * is removed when its Artifact leaves the scope.
 */
#ifndef LEAP_TASK_ARTIFACT_H
#define LEAP_TASK_ARTIFACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/hash.h"
#include "task/task.h"

#define ARTIFACT_URI_SIZE 256

typedef struct Artifact
{
	TaskContext *context; /* NULL = not begun, or finished */
	const char *kind;
	char uri[ARTIFACT_URI_SIZE];
	int fd; /* open for reading and writing until finished */
	char sha256
		[HASH_HEX_SIZE]; /* where it is known before the file is finished; else "" */
} Artifact;

/* Nothing begun: the state in which an Artifact is declared. */
#define ARTIFACT_NONE             \
	{                             \
		.context = NULL, .fd = -1 \
	}

/* A new uri for this recording: users/<lane>/<recording>/<kind>-<16 hex>.<extension>. */
bool artifact_uri(const TaskContext *context, const char *kind, const char *extension,
				  char uri[ARTIFACT_URI_SIZE], Error *err);

/* Begins an output. */
bool artifact_create(TaskContext *context, const char *kind, const char *extension,
					 Artifact *artifact, Error *err);

/* Takes a file that is an input of that kind as output: finish it, or it is removed. */
bool artifact_adopt(TaskContext *context, const char *kind, Artifact *artifact,
					Error *err);

/* Takes back what was written into it. */
bool artifact_empty(const Artifact *artifact, Error *err);

/* Syncs it, reads it for its hash unless that is known, and adds it to the result. metadata
 * (may be NULL) is taken over. */
bool artifact_finish(Artifact *artifact, const char *media_type, cJSON *metadata,
					 Error *err);

/* create, write and finish in one. */
bool artifact_write(TaskContext *context, const char *kind, const char *extension,
					const char *media_type, cJSON *metadata, const void *bytes,
					size_t length, Error *err);

/* Adds a file to the result that is complete, synced and hashed already. */
void artifact_add(TaskContext *context, const char *kind, const char *uri, int64_t bytes,
				  const char *sha256, const char *media_type, cJSON *metadata);

/* Removes what is not finished. For CLEANUP(artifact). */
void cleanup_artifact(Artifact *artifact);

/* The entry of an input artifact, or NULL when the recording has none of that kind. */
const cJSON *artifact_entry(const TaskContext *context, const char *kind);

/* Opens an input artifact for reading; one that is missing or has not the size the
 * database knows is an error. */
bool artifact_open(const TaskContext *context, const char *kind, int *fd, Error *err);

/* Opens, reads and parses an input artifact that holds JSON. */
bool artifact_read_json(const TaskContext *context, const char *kind, cJSON **json,
						Error *err);

/* The same for an entry that is not one of the recording's artifacts; `kind` names it. */
bool artifact_read_entry(const TaskContext *context, const cJSON *entry, const char *kind,
						 cJSON **json, Error *err);

#endif
