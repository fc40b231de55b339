/* sources: platform/library.c platform/library_index.c platform/publication.c platform/lesson.c platform/lesson_page.c platform/lesson_files.c platform/lesson_video.c base/hash.c platform/language_name.c platform/html.c platform/folder.c platform/page_files.c platform/slug.c storage/storage.c storage/local.c storage/local_walk.c storage/local_owner.c storage/beneath.c storage/copy.c storage/place.c base/buffer.c base/json.c base/path.c base/timecode.c base/utf8.c base/error.c base/log.c base/report.c base/clock.c */
/* libs: libcjson libcrypto -lm */
/*
 * tests/unit/test_library.c
 *	  Publishing into a library: hostile titles and topics, a lesson that is published again,
 *	  two lessons of one name, a refused confirmation, a library that cannot be written.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/path.h"
#include "platform/platform.h"
#include "tap.h"

#define FIRST  "0191a0b0-0000-7000-8000-00000000000a"
#define SECOND "0191a0b0-0000-7000-8000-00000000000b"

/* Markup, attributes, template slots, a right-to-left mark, a bell, a line separator, what
 * is no UTF-8, and an emoji with a joiner. */
#define HOSTILE                                                                     \
	"</script><script>alert(1)</script><img src=x onerror='a(1)' b=\"c\"> & &amp; " \
	"{{data}} --> ../../etc \xe2\x80\xae\xd7\x90 \x07 \xe2\x80\xa8 \xff "           \
	"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x8f\xab"

static char base[] = "/tmp/leap-library-XXXXXX";
static bool confirmed = true;
static int asked;

static bool
progress(void *arg, double fraction, const char *step)
{
	(void) arg;
	(void) step;
	return fraction >= 0 && fraction <= 1;
}

static bool
confirm(void *arg, const char *what)
{
	(void) arg;
	(void) what;
	asked++;
	return confirmed;
}

static bool
checkpoint(void *arg, const cJSON *state)
{
	(void) arg;
	(void) state;
	return true;
}

/* The hidden folder that was named last. */
static char made_last[64];

static void
made(void *arg, const char *in, const char *name)
{
	(void) arg;
	snprintf(made_last, sizeof made_last, "%s:%s", in, name);
}

static const Reporter reporter = {
	.progress = progress, .confirm = confirm, .checkpoint = checkpoint, .made = made};

static void
in_base(char path[PATH_SIZE], const char *name)
{
	snprintf(path, PATH_SIZE, "%s/%s", base, name);
}

/* Stores an artifact and adds its entry. */
static void
add_artifact(const Storage *storage, cJSON *input, const char *kind, const char *text)
{
	static int number;
	CLEANUP(close) int fd = -1;
	cJSON *artifacts = cJSON_GetObjectItem(input, "artifacts");
	cJSON *entry = cJSON_AddObjectToObject(artifacts, kind);
	char uri[100];
	Error err;

	snprintf(uri, sizeof uri, "users/000001/r/%s-%016d.x", kind, ++number);
	if (!storage_create(storage, uri, &fd, &err) ||
		write(fd, text, strlen(text)) != (ssize_t) strlen(text))
		ok(false, "%s is stored: %s", kind, err.message);
	cJSON_AddStringToObject(entry, "uri", uri);
	cJSON_AddStringToObject(entry, "bytes", "5");
}

static cJSON *
input_of(const Storage *storage, const char *id, const char *title)
{
	cJSON *input = cJSON_CreateObject();
	cJSON *recording = cJSON_AddObjectToObject(input, "recording");
	CLEANUP(json) cJSON *outline = cJSON_CreateObject();
	CLEANUP(json) cJSON *transcript = cJSON_CreateObject();
	cJSON *topic = cJSON_CreateObject();
	cJSON *segment = cJSON_CreateObject();

	cJSON_AddObjectToObject(input, "artifacts");
	cJSON_AddStringToObject(recording, "id", id);
	cJSON_AddStringToObject(recording, "name", title);
	cJSON_AddNumberToObject(recording, "lane", 1);
	cJSON_AddStringToObject(recording, "created_at", "2026-11-21T04:00:00Z");
	cJSON_AddStringToObject(topic, "title", title);
	cJSON_AddNumberToObject(topic, "start", 0);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(outline, "topics"), topic);
	cJSON_AddStringToObject(outline, "summary", title);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(outline, "main_topics"),
						 cJSON_CreateString(title));
	cJSON_AddStringToObject(transcript, "language", "\"><script>x");
	cJSON_AddStringToObject(segment, "text", title);
	cJSON_AddNumberToObject(segment, "start", 1);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(transcript, "segments"), segment);
	CLEANUP(free) char *outline_text = cJSON_Print(outline);
	CLEANUP(free) char *transcript_text = cJSON_Print(transcript);

	add_artifact(storage, input, "video", "video");
	add_artifact(storage, input, "topics", outline_text);
	add_artifact(storage, input, "transcript", transcript_text);
	add_artifact(storage, input, "vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n</script>\n");
	return input;
}

static bool
publish(const Storage *storage, const char *library, const cJSON *input, char *folder,
		Error *err)
{
	Publication publication = {
		.input = input, .storage = storage, .library = library, .reporter = &reporter};
	CLEANUP(json) cJSON *target = NULL;

	memset(err, 0, sizeof *err);
	folder[0] = '\0';
	if (!platform_library.publish(&publication, &target, err))
		return false;
	snprintf(folder, PATH_SIZE, "%s/%s", library, json_text(target, "remote_id", "?"));
	return true;
}

static char *
slurp(const char *folder, const char *name)
{
	char path[PATH_SIZE + 64];
	char *text = calloc(1, 1 << 20);

	snprintf(path, sizeof path, "%s/%s", folder, name);
	CLEANUP(close) int fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, (1 << 20) - 1) < 0)
		ok(false, "%s is there", path);
	return text;
}

/* Entries of a folder but "." and ".."; hidden: only those that are half-made lessons. */
static int
count_entries(const char *folder, bool hidden)
{
	DIR *open_folder = opendir(folder);
	struct dirent *entry;
	int count = 0;

	while (open_folder != NULL && (entry = readdir(open_folder)) != NULL)
		count += hidden ? strncmp(entry->d_name, ".new-", 5) == 0
						: entry->d_name[0] != '.' && strchr(entry->d_name, '.') == NULL;
	if (open_folder != NULL)
		(void) closedir(open_folder);
	return count;
}

static int
count_text(const char *text, const char *part)
{
	int count = 0;

	while ((text = strstr(text, part)) != NULL)
	{
		count++;
		text += strlen(part);
	}
	return count;
}

/* Nothing in a page that came from the title is markup; policy and layout are intact. */
static void
check_page(const char *page, int scripts, const char *what)
{
	is_int(count_text(page, "<script"), scripts, what);
	is_int(count_text(page, "<img"), 0, "no element from a title");
	is_int(count_text(page, "onerror='"), 0, "no quote from a title");
	is_int(count_text(page, " style="), 0, "no inline style");
	is_int(count_text(page, "<style"), 0, "no style element");
	is_int(count_text(page, "Content-Security-Policy"), 1, "a policy");
	is_int(count_text(page, "unsafe-inline"), 0, "that allows nothing inline");
	is_int(count_text(page, "\x07"), 0, "no control character");
	ok(strstr(page, "&lt;script&gt;alert(1)&lt;/script&gt;") != NULL,
	   "the title is there as text");
	ok(strstr(page, "&amp; &amp;amp;") != NULL, "ampersands too");
	ok(strstr(page, "{{data}}") != NULL, "and what looks like a slot");
}

static void
test_hostile(const Storage *storage, const char *library)
{
	CLEANUP(json) cJSON *input = input_of(storage, FIRST, HOSTILE);
	CLEANUP(json) cJSON *metadata = NULL;
	char folder[PATH_SIZE];
	char lane[PATH_SIZE];
	Error err;

	ok(publish(storage, library, input, folder, &err), "published %s", err.message);
	ok(strncmp(made_last, "library:000001/.new-", 20) == 0,
	   "named before it was made: %s", made_last);
	snprintf(lane, sizeof lane, "%s", folder);
	*strrchr(lane, '/') = '\0';
	is_str(folder + strlen(lane) + 1,
		   "2026-11-21-script-script-alert-1-script-img-src-x-onerror-a-1-b-c-amp-data-"
		   "00000000000a",
		   "the folder has a safe name");
	CLEANUP(free) char *page = slurp(folder, "index.html");
	CLEANUP(free) char *list = slurp(lane, "index.html");
	CLEANUP(free) char *text = slurp(folder, "metadata.json");

	check_page(page, 2, "a lesson has its two scripts");
	ok(strstr(page, "\\u003c/script\\u003e") != NULL, "the cues cannot end their block");
	check_page(list, 0, "the list has no script");
	ok(json_parse(text, strlen(text), "metadata", &metadata, &err), "metadata is JSON");
	ok(strstr(json_text(metadata, "title", ""), "<script>alert(1)</script>") != NULL,
	   "that says what the title is");
}

/* What the page says about whose words they are, and where its chapters lead. */
static void
test_words(const Storage *storage, const char *library)
{
	CLEANUP(json) cJSON *input = input_of(storage, FIRST, "Words");
	char folder[PATH_SIZE];
	Error err;

	ok(publish(storage, library, input, folder, &err), "a lesson with words");
	CLEANUP(free) char *page = slurp(folder, "index.html");
	is_int(count_text(page, "recognised by a machine"), 1, "its words were recognised");

	cJSON_DeleteItemFromObject(cJSON_GetObjectItem(input, "artifacts"), "transcript");
	cJSON_DeleteItemFromObject(cJSON_GetObjectItem(input, "artifacts"), "topics");
	add_artifact(
		storage, input, "transcript",
		"{\"language\":\"en\",\"provider\":\"captions\",\"segments\":[{\"start\":"
		"65.974,\"end\":67,\"text\":\"Hello\"}]}");
	add_artifact(storage, input, "topics",
				 "{\"topics\":[{\"title\":\"One\",\"start\":0},{\"title\":\"Two\","
				 "\"start\":65.974}]}");
	ok(publish(storage, library, input, folder, &err), "a lesson with captions");
	CLEANUP(free) char *captions = slurp(folder, "index.html");
	is_int(count_text(captions, "recognised by a machine"), 0, "nobody recognised them");
	is_int(count_text(captions, "The words came with the recording."), 1,
		   "they came with it");
	is_int(count_text(captions, "href=\"#t=0\""), 1, "the first chapter is at 0");
	is_int(count_text(captions, "href=\"#t=65.98\" data-at=\"65.98\""), 2,
		   "a link never leads before its moment, where another chapter is shown");
}

static void
test_again(const Storage *storage, const char *library)
{
	CLEANUP(json) cJSON *old = input_of(storage, SECOND, "The tides");
	CLEANUP(json) cJSON *other = input_of(storage, FIRST, "The tides");
	CLEANUP(json) cJSON *new = input_of(storage, SECOND, "The waves");
	char first[PATH_SIZE];
	char second[PATH_SIZE];
	char third[PATH_SIZE];
	char stale[PATH_SIZE + 16];
	struct stat status;
	Error err;

	ok(publish(storage, library, old, first, &err), "published %s", err.message);
	ok(publish(storage, library, other, second, &err),
	   "a lesson of the same name and day");
	ok(strcmp(first, second) != 0, "has a folder of its own");
	snprintf(stale, sizeof stale, "%s/old.txt", first);
	CLEANUP(close) int fd = open(stale, O_CREAT | O_WRONLY, 0644);
	ok(publish(storage, library, new, third, &err), "published again %s", err.message);
	is_str(third, first, "at the same place, whatever it is called now");
	ok(stat(stale, &status) < 0, "as a whole: nothing of the old one is left");
	CLEANUP(free) char *page = slurp(first, "index.html");
	ok(strstr(page, "The waves") != NULL && strstr(page, "The tides") == NULL,
	   "with the new text");
	*strrchr(first, '/') = '\0';
	is_int(count_entries(first, false), 2, "two recordings, two folders");
	is_int(count_entries(first, true), 0, "nothing half-made is left");
}

static void
test_refused(const Storage *storage, const char *library)
{
	CLEANUP(json) cJSON *input = input_of(storage, FIRST, "Not this one");
	char folder[PATH_SIZE];
	char lane[PATH_SIZE + 8];
	Error err;

	confirmed = false;
	asked = 0;
	ok(!publish(storage, library, input, folder, &err), "without the lease");
	is_str(err.code, "lease_lost", "nothing is published");
	is_int(asked, 1, "it asked once");
	confirmed = true;
	snprintf(lane, sizeof lane, "%s/000001", library);
	CLEANUP(free) char *list = slurp(lane, "index.html");
	ok(strstr(list, "Not this one") == NULL, "the old lesson stays");
	is_int(count_entries(lane, true), 0, "nothing half-made is left");
}

/* An artifact that is gone is noticed before anything is shown. */
static void
test_missing(const Storage *storage, const char *library)
{
	CLEANUP(json) cJSON *input = input_of(storage, SECOND, "Without video");
	char folder[PATH_SIZE];
	char lane[PATH_SIZE + 8];
	Error err;

	(void) storage_remove(storage, json_text(input, "artifacts.video.uri", ""), &err);
	ok(!publish(storage, library, input, folder, &err), "a file that is gone");
	is_str(err.code, "file_missing", "is named");
	snprintf(lane, sizeof lane, "%s/000001", library);
	is_int(count_entries(lane, true), 0, "nothing half-made is left");
}

static void
test_unwritable(const Storage *storage)
{
	CLEANUP(json) cJSON *input = input_of(storage, FIRST, "Nowhere");
	char library[PATH_SIZE];
	char lane[PATH_SIZE + 8];
	char folder[PATH_SIZE];
	Error err;

	in_base(library, "nowhere");
	ok(!publish(storage, library, input, folder, &err), "no library");
	is_str(err.code, "library_unreachable", "has a code");
	ok(strstr(err.message, library) != NULL, "a message that names it");
	ok(err.hint[0] != '\0', "and a hint");

	(void) mkdir(library, 0755);
	snprintf(lane, sizeof lane, "%s/000001", library);
	CLEANUP(close) int file = open(lane, O_CREAT | O_WRONLY, 0644);
	ok(!publish(storage, library, input, folder, &err), "a file in place of the folder");
	ok(strstr(err.message, "000001") != NULL, "is named: %s", err.message);
	ok(err.hint[0] != '\0', "with a hint: %s", err.hint);
	(void) unlink(lane);

	/* root writes where it may not, so there this shows only that it does no harm */
	(void) chmod(library, 0555);
	if (geteuid() != 0)
	{
		ok(!publish(storage, library, input, folder, &err),
		   "a library that is read-only");
		ok(strstr(err.message, "ermission") != NULL, "says so: %s", err.message);
		ok(err.hint[0] != '\0', "with a hint: %s", err.hint);
	}
	(void) chmod(library, 0755);
}

int
main(void)
{
	CLEANUP(storage) Storage storage = STORAGE_NONE;
	char folder[PATH_SIZE];
	char library[PATH_SIZE];
	Error err = {0};

	if (mkdtemp(base) == NULL)
		return 1;
	in_base(folder, "storage");
	in_base(library, "library");
	ok(path_make_absolute(folder, 0750, &err) &&
		   path_make_absolute(library, 0755, &err) &&
		   storage_open_at(&storage, folder, &err),
	   "folders %s", err.message);
	test_hostile(&storage, library);
	test_words(&storage, library);
	test_again(&storage, library);
	test_refused(&storage, library);
	test_missing(&storage, library);
	test_unwritable(&storage);
	ok(path_remove_tree(AT_FDCWD, base, &err), "all is gone %s", err.message);
	return done_testing();
}
