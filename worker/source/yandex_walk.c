/*
 * source/yandex_walk.c
 *	  The way through the folders of a disk, which can be taken up again in the middle.
 *
 * Depth first, each folder in the order in which its members came, the newest first. Where
 * the walk is says a stack of folders, each with a place: so many members are done, the last
 * of them is this one, and came then. Members are counted by the disk, so what is removed
 * before that place moves others into it: who comes back goes back a little and looks for
 * the last one, or, when that is gone, for what is as old.
 */
#include "source/yandex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "source/moment.h"
#include "source/name.h"

#define PAGE_SIZE    500
#define OVERLAP      100  /* members that are looked at again, at least */
#define OVERLAP_MOST 2000 /* ... as long as what was done is not in sight */
#define DEEPEST      64
#define PATH_LONGEST 3000
#define PAGES_MOST   20000 /* of one walk: who turns in circles is stopped */

typedef struct Folder
{
	char *path;  /* NULL: what the public link leads to */
	cJSON *page; /* NULL: none is at hand */
	int from;    /* the number of its first member */
	int at;      /* the member of the page that is next */
	int lowest;  /* how far back to go for the last member; -1: it is not looked for */
	char *
		first; /* the path of the first member of the page before; NULL: there was none */
	char *last;  /* the path of the member that was done last; NULL: none */
	double came; /* ... when; < 0: it does not tell */
} Folder;

typedef struct Walk
{
	const SourceQuery *query;
	Listing *listing;
	const char *public_key;
	bool recursive;
	bool (*take)(void *arg, const cJSON *file);
	void *arg;
	Folder folders[DEEPEST]; /* from the first one down to where it is */
	int depth;
	int pages; /* that were asked for */
} Walk;

static void
leave(Walk *walk)
{
	Folder *folder = &walk->folders[--walk->depth];

	free(folder->path);
	free(folder->first);
	free(folder->last);
	cJSON_Delete(folder->page);
	*folder = (Folder){.lowest = -1};
}

static void
cleanup_walk(Walk *walk)
{
	while (walk->depth > 0)
		leave(walk);
}

static Folder *
enter(Walk *walk, const char *path)
{
	Folder *folder = &walk->folders[walk->depth++];

	*folder = (Folder){
		.path = path != NULL ? array_text(path) : NULL, .lowest = -1, .came = -1};
	return folder;
}

static void
note_done(Folder *folder, const cJSON *member)
{
	free(folder->last);
	folder->last = array_text(json_text(member, "path", ""));
	folder->came = moment_read(json_text(member, "created", ""));
}

/* Where the walk is, for the next one. */
static cJSON *
place_of(const Walk *walk)
{
	cJSON *place = cJSON_CreateObject();
	cJSON *folders = cJSON_AddArrayToObject(place, "folders");

	for (int i = 0; i < walk->depth; i++)
	{
		const Folder *folder = &walk->folders[i];
		cJSON *json = cJSON_CreateObject();

		if (folder->path != NULL)
			cJSON_AddStringToObject(json, "path", folder->path);
		cJSON_AddNumberToObject(json, "from", folder->from + folder->at);
		if (folder->last != NULL && name_is_text(folder->last))
			cJSON_AddStringToObject(json, "last", folder->last);
		if (folder->came >= 0)
			cJSON_AddNumberToObject(json, "came", folder->came);
		cJSON_AddItemToArray(folders, json);
	}
	return place;
}

/* Goes to where the last walk was. */
static void
go_back(Walk *walk, const cJSON *folders)
{
	int overlap = listing_overlap(walk->listing, OVERLAP);
	int overlap_most = listing_overlap(walk->listing, OVERLAP_MOST);
	const cJSON *json;

	cJSON_ArrayForEach(json, folders)
	{
		Folder *folder;
		int done = (int) json_number(json, "from", 0);

		if (walk->depth == DEEPEST)
			return;
		folder = enter(walk, json_text(json, "path", NULL));
		folder->from = done > overlap ? done - overlap : 0;
		folder->lowest = done > overlap_most ? done - overlap_most : 0;
		folder->came = json_number(json, "came", -1);
		if (json_text(json, "last", NULL) != NULL)
			folder->last = array_text(json_text(json, "last", NULL));
		if (folder->last == NULL && folder->came < 0)
		{
			folder->from = done;
			folder->lowest = -1;
		}
	}
}

/* The first member of a page that is not done yet; its length: all of them are. */
static int
first_to_do(const Folder *folder, const cJSON *members)
{
	const cJSON *member;
	int older = -1;
	int at = 0;

	cJSON_ArrayForEach(member, members)
	{
		double came = moment_read(json_text(member, "created", ""));

		if (folder->last != NULL &&
			strcmp(json_text(member, "path", ""), folder->last) == 0)
			return at + 1;
		if (older < 0 && came <= folder->came)
			older = at;
		at++;
	}
	return older >= 0 ? older : at;
}

/* Looks for the last member that is done: on this page, else further back or on the next. */
static void
find_place(Folder *folder, const cJSON *members)
{
	int count = cJSON_GetArraySize(members);

	folder->at = first_to_do(folder, members);
	if (folder->at == 0 && folder->from > folder->lowest)
	{
		folder->from = folder->from - PAGE_SIZE > folder->lowest
						   ? folder->from - PAGE_SIZE
						   : folder->lowest;
		cJSON_Delete(folder->page);
		folder->page = NULL;
	}
	else if (folder->at < count || count == 0)
		folder->lowest = -1;
	else
		folder->lowest = folder->from + count; /* all of it is newer: only onwards now */
}

/* Each page is another: one that begins like the page before came for another question. */
static bool
is_another(Walk *walk, Folder *folder, const cJSON *members, Error *err)
{
	const char *first = json_text(cJSON_GetArrayItem(members, 0), "path", "");
	bool same = folder->first != NULL && strcmp(folder->first, first) == 0;

	free(folder->first);
	folder->first = array_text(first);
	if (!same && ++walk->pages <= PAGES_MOST)
		return true;
	return error_set(
		err, ERROR_TRANSIENT, "bad_answer",
		"Sync again later; if it stays so, let the source begin in a smaller "
		"folder (folder_path).",
		"the disk's list of \"%.200s\" does not end: %s",
		folder->path != NULL ? folder->path : "what is published",
		same ? "the same page comes again" : "there are too many pages");
}

/* Asks for the page that is next. *ended: there is none, or it was a file. */
static bool
load(Walk *walk, Folder *folder, bool *ended, bool *full, Error *err)
{
	const YandexPlace place = {.public_key = walk->public_key, .path = folder->path};
	const cJSON *members;

	if (!yandex_look(walk->query, &place, folder->from, PAGE_SIZE, &folder->page, err))
		return false;
	folder->at = 0;
	if (strcmp(json_text(folder->page, "type", ""), "file") == 0)
	{
		*full = !walk->take(walk->arg, folder->page);
		*ended = true;
		return true;
	}
	members = json_at(folder->page, "_embedded.items");
	if (!cJSON_IsArray(members))
		return error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
						 "the disk does not list what is in \"%.200s\"",
						 folder->path != NULL ? folder->path : "what is published");
	*ended = cJSON_GetArraySize(members) == 0;
	if (!*ended && !is_another(walk, folder, members, err))
		return false;
	if (!*ended && folder->lowest >= 0)
		find_place(folder, members);
	return true;
}

/* The page is done. Pages are counted by what came: not every answer tells the total. */
static bool
has_more(Folder *folder, int count)
{
	double total = json_number(folder->page, "_embedded.total", -1);

	folder->from += count;
	folder->at = 0;
	cJSON_Delete(folder->page);
	folder->page = NULL;
	return total < 0 || folder->from < total;
}

static void
go_down(Walk *walk, const cJSON *folder)
{
	const char *path = json_text(folder, "path", "");

	if (!walk->recursive || path[0] == '\0')
		return;
	if (strlen(path) > PATH_LONGEST || !name_is_text(path) || walk->depth == DEEPEST)
		listing_problem(walk->listing, "the folder \"%.200s\": %s",
						json_text(folder, "name", path),
						walk->depth == DEEPEST ? "it lies too deep"
											   : "its path is too long or no text");
	else
		(void) enter(walk, path);
}

/* False when the listing is full. */
static bool
visit(Walk *walk, Folder *folder, const cJSON *member)
{
	bool is_folder = strcmp(json_text(member, "type", ""), "dir") == 0;

	if (!is_folder && !walk->take(walk->arg, member))
		return false;
	folder->at++;
	note_done(folder, member);
	if (is_folder)
		go_down(walk, member);
	return true;
}

/* One step. A folder that is gone or closed meanwhile is told, but for the first one. */
static bool
step(Walk *walk, bool *full, Error *err)
{
	Folder *folder = &walk->folders[walk->depth - 1];
	bool ended = false;
	Error own = {0};

	if (folder->page != NULL)
	{
		const cJSON *members = json_at(folder->page, "_embedded.items");
		int count = cJSON_GetArraySize(members);

		if (folder->at < count)
			*full = !visit(walk, folder, cJSON_GetArrayItem(members, folder->at));
		else if (!has_more(folder, count))
			leave(walk);
		return true;
	}
	if (load(walk, folder, &ended, full, &own))
	{
		if (ended && !*full)
			leave(walk);
		return true;
	}
	if (walk->depth == 1 || (own.class != ERROR_INPUT && own.class != ERROR_PERMANENT))
	{
		if (err != NULL)
			*err = own;
		return false;
	}
	listing_problem(walk->listing, "\"%.200s\": %s", folder->path, own.message);
	leave(walk);
	return true;
}

bool
yandex_walk(const SourceQuery *query, const YandexPlace *root, Listing *listing,
			bool (*take)(void *arg, const cJSON *file), void *arg, Error *err)
{
	CLEANUP(walk)
	Walk walk = {
		.query = query,
		.listing = listing,
		.public_key = root->public_key,
		.recursive = json_bool(query->config, "recursive", true),
		.take = take,
		.arg = arg,
	};
	bool full = false;

	go_back(&walk, json_at(query->after, "folders"));
	if (walk.depth == 0)
		(void) enter(&walk, root->path);
	while (walk.depth > 0 && !full)
		if (!step(&walk, &full, err))
			return false;
	if (full)
		listing_go_on(listing, place_of(&walk));
	return true;
}
