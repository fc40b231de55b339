/* sources: task/pool.c task/pool_line.c task/control.c task/work_folder.c task/leftover.c net/provider_keys.c task/credential_box.c base/sealed.c platform/folder.c storage/storage.c storage/local.c storage/local_walk.c storage/local_owner.c storage/beneath.c storage/copy.c storage/place.c storage/discard.c storage/settings.c storage/s3_place.c storage/spool.c base/hash.c base/key_file.c base/process.c base/secret_file.c base/option.c base/nearest.c base/option_value.c base/option_table.c base/option_table_net.c base/option_table_screen.c base/option_table_serve.c base/option_table_words.c base/option_table_media.c base/path.c base/json.c base/error.c base/utf8.c base/buffer.c base/clock.c base/log.c */
/* libs: libcjson libsodium libcrypto -lm */
/*
 * tests/unit/test_pool.c
 *	  The children of a worker. The pool starts this program again: started as a child it
 *	  plays one that behaves as its kind of task says.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "tap.h"
#include "task/pool.h"

#define CONTROL_FD 3

static void
say(const char *line)
{
	(void) !write(CONTROL_FD, line, strlen(line));
}

static void
say_garbage(void)
{
	say("this is not JSON\n{\"done\":{}}\n");
}

/* More than a line may have; the rest never leaves this process. */
static void
say_too_much(void)
{
	static char block[1 << 16];

	memset(block, 'x', sizeof block);
	for (int i = 0; i < 17 * 16; i++)
		if (send(CONTROL_FD, block, sizeof block, MSG_NOSIGNAL) < 0)
			return;
}

static void
say_done(void)
{
	say("{\"progress\":0.5,\"step\":\"half\"}\n{\"done\":{\"facts\":{\"words\":7}}}\n");
}

static void
die(void)
{
	(void) raise(SIGKILL);
}

static void
hang_up(void)
{
	(void) close(CONTROL_FD);
}

static void
say_nothing(void)
{
}

/* What a cancelled child has begun, and whether it goes. Storage and library are the same
 * folder here. */
static const struct
{
	const char *name, *in, *path;
	bool stays;
} leftovers[] = {
	{"users/half",     "storage", "users/half",     false},
	{"000001/.new-aa", "library", "000001/.new-aa", false},
	{"000001/lesson",  "library", "000001/lesson",  true },
	{"../outside",     "storage", "outside",        true },
	{"users/never",    "storage", "users",          true },
};

static const char *storage_folder; /* of the child that makes files */

/* What a child has begun that is killed before it can clean up, and whether it goes. */
static const struct
{
	const char *name, *in;
	bool stays;
} unnamed[] = {
	{"waveform-1", "storage", false},
	{"source-2",   "storage", true }, /* a checkpoint names it */
	{"poster-3",   "storage", true }, /* as one of several */
	{"audio-4",    "storage", false},
	{".new-bb",    "library", true },
};

/* Names and makes files, says which of them the next attempt needs, and dies. */
static void
make_and_die(bool failed)
{
	if (chdir(storage_folder) < 0)
		return;
	for (size_t i = 0; i < sizeof unnamed / sizeof unnamed[0]; i++)
	{
		dprintf(CONTROL_FD, "{\"made\":\"%s\",\"in\":\"%s\"}\n", unnamed[i].name,
				unnamed[i].in);
		(void) close(open(unnamed[i].name, O_WRONLY | O_CREAT, 0600));
	}
	say("{\"checkpoint\":{\"uri\":\"source-2\",\"outputs\":[\"poster-3\"]},\"seq\":1}\n"
		"{\"checkpoint\":{\"uri\":\"source-2\"},\"seq\":2}\n");
	if (failed)
		say("{\"failed\":{\"class\":\"transient\",\"code\":\"timeout\"}}\n");
	die();
}

/* Names and makes a file and folders, and does not listen to SIGTERM. */
static void
make_files(void)
{
	(void) signal(SIGTERM, SIG_IGN);
	if (chdir(storage_folder) < 0 || mkdir("users", 0700) < 0 ||
		mkdir("000001", 0700) < 0)
		return;
	for (size_t i = 0; i < sizeof leftovers / sizeof leftovers[0]; i++)
	{
		dprintf(CONTROL_FD, "{\"made\":\"%s\",\"in\":\"%s\"}\n", leftovers[i].name,
				leftovers[i].in);
		if (strcmp(leftovers[i].in, "library") == 0)
			(void) mkdir(leftovers[i].path, 0700);
		else
			(void) close(open(leftovers[i].path, O_WRONLY | O_CREAT, 0600));
	}
	say("{\"progress\":0.5,\"step\":\"made\"}\n");
}

/* What a child does before it waits for ever, and what becomes of it. */
static const struct
{
	const char *kind;
	void (*act)(void);
	SlotFate fate;
	const char *code;
} children[] = {
	{"garbage", say_garbage,  FATE_FAILED, "child_died"},
	{"flood",   say_too_much, FATE_FAILED, "child_died"},
	{"done",    say_done,     FATE_DONE,   "-"         },
	{"dead",    die,          FATE_FAILED, "child_died"},
	{"mute",    hang_up,      FATE_FAILED, "child_died"},
	{"stuck",   say_nothing,  FATE_FAILED, "deadline"  },
};

#define CHILD_COUNT (sizeof children / sizeof children[0])

/* The child: its assignment tells which. */
static void __attribute__((noreturn)) play_child(void)
{
	char text[4096] = "";

	(void) !read(CONTROL_FD, text, sizeof text - 1);
	if (strstr(text, "\"kind\":\"maker\"") != NULL)
	{
		CLEANUP(json) cJSON *assignment = cJSON_Parse(text);

		storage_folder = json_text(assignment, "settings.storage", "");
		make_files();
	}
	if (strstr(text, "\"kind\":\"mortal\"") != NULL ||
		strstr(text, "\"kind\":\"failing\"") != NULL)
	{
		CLEANUP(json) cJSON *assignment = cJSON_Parse(text);

		storage_folder = json_text(assignment, "settings.storage", "");
		make_and_die(strstr(text, "\"kind\":\"failing\"") != NULL);
	}
	for (size_t i = 0; i < CHILD_COUNT; i++)
	{
		char wanted[64];

		snprintf(wanted, sizeof wanted, "\"kind\":\"%s\"", children[i].kind);
		if (strstr(text, wanted) != NULL)
			children[i].act();
	}
	for (;;)
		(void) pause();
}

static void
work_until_ended(Pool *pool, double seconds)
{
	double latest = clock_seconds() + seconds;

	while (pool_in_state(pool, SLOT_RUNNING) > 0 && clock_seconds() < latest)
	{
		struct pollfd fds[CHILD_COUNT];
		double until = clock_seconds() + 0.1;

		pool_want(pool, fds, &until);
		(void) poll(fds, CHILD_COUNT, 50);
		pool_work(pool);
	}
}

static void
test_children(const char *folder)
{
	PoolSettings settings = {
		.storage = folder, .library = folder, .media_program = folder, .threads = 1};
	Pool pool;

	pool_init(&pool, &settings, CHILD_COUNT);
	for (size_t i = 0; i < CHILD_COUNT; i++)
	{
		Claim claim = {"17", "4611686018427387904", children[i].kind, "upload", 1, 4,
					   "{}"};

		if (strcmp(children[i].kind, "stuck") != 0)
			claim.deadline_seconds = 3600;
		ok(pool_start(&pool, &claim) != NULL, "%s: started", children[i].kind);
	}
	ok(pool_start(&pool, &(Claim){"18", "1", "done", "upload", 1, 1, "{}"}) == NULL,
	   "there are no more slots");
	work_until_ended(&pool, 30);
	is_int(pool_in_state(&pool, SLOT_ENDED), CHILD_COUNT, "none is left running");
	for (size_t i = 0; i < CHILD_COUNT; i++)
	{
		const Slot *slot = &pool.slots[i];

		ok(slot->fate == children[i].fate, "%s: its fate", children[i].kind);
		is_str(json_text(slot->outcome, "code", "-"), children[i].code, children[i].kind);
		ok(slot->control.in.length == 0, "%s: nothing it said is left over",
		   children[i].kind);
	}
	is_int(json_number(pool.slots[2].outcome, "facts.words", 0), 7, "a result is kept");
	is_str(pool.slots[2].step, "half", "so is the last progress");
	pool_free(&pool);
}

/* The result of a task that was cancelled while it waited to be reported. */
static void
test_cancel_ended(const char *folder)
{
	PoolSettings settings = {
		.storage = folder, .library = folder, .media_program = folder, .threads = 1};
	Claim claim = {"17", "1", "done", "upload", 1, 3600, "{}"};
	Pool pool;
	Slot *slot;

	pool_init(&pool, &settings, CHILD_COUNT);
	slot = pool_start(&pool, &claim);
	work_until_ended(&pool, 30);
	ok(slot->state == SLOT_ENDED && slot->fate == FATE_DONE, "it is done");
	slot_cancel(slot);
	ok(slot->state == SLOT_ENDED && slot->fate == FATE_LOST && slot->cancelled,
	   "cancelled, it is not reported");
	pool_free(&pool);
}

static void
test_cancel(const char *folder)
{
	PoolSettings settings = {
		.storage = folder, .library = folder, .media_program = folder, .threads = 1};
	Claim claim = {"17", "1", "maker", "upload", 1, 3600, "{}"};
	CLEANUP(close) int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	Pool pool;
	Slot *slot;

	pool_init(&pool, &settings, CHILD_COUNT);
	slot = pool_start(&pool, &claim);
	for (int i = 0; i < 200 && slot->progress < 0.5; i++)
		work_until_ended(&pool, 0.1);
	ok(slot->progress > 0.4 && access(slot->work.path, F_OK) == 0, "it has begun");
	slot_cancel(slot);
	work_until_ended(&pool, 30);
	ok(slot->state == SLOT_ENDED && slot->fate == FATE_LOST, "it is ended");
	slot_release(slot);
	for (size_t i = 0; i < sizeof leftovers / sizeof leftovers[0]; i++)
		ok((faccessat(root, leftovers[i].path, F_OK, 0) == 0) == leftovers[i].stays,
		   "%s %s", leftovers[i].name, leftovers[i].stays ? "stays" : "goes");
	pool_free(&pool);
}

static void
test_killed(const char *folder, const char *kind, const char *code)
{
	PoolSettings settings = {
		.storage = folder, .library = folder, .media_program = folder, .threads = 1};
	Claim claim = {"17", "1", kind, "upload", 1, 3600, "{}"};
	CLEANUP(close) int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	Pool pool;
	Slot *slot;

	pool_init(&pool, &settings, CHILD_COUNT);
	slot = pool_start(&pool, &claim);
	work_until_ended(&pool, 30);
	ok(slot->state == SLOT_ENDED && slot->fate == FATE_FAILED, "%s: it has failed", kind);
	is_str(json_text(slot->outcome, "code", "-"), code, kind);
	for (size_t i = 0; i < sizeof unnamed / sizeof unnamed[0]; i++)
	{
		ok((faccessat(root, unnamed[i].name, F_OK, 0) == 0) == unnamed[i].stays,
		   "%s: %s %s", kind, unnamed[i].name, unnamed[i].stays ? "stays" : "goes");
		(void) unlinkat(root, unnamed[i].name, 0);
	}
	pool_free(&pool);
}

int
main(int argc, char **argv)
{
	char folder[] = "/tmp/leap-pool-XXXXXX";
	Error err;

	if (argc > 1 && strcmp(argv[1], "child") == 0)
		play_child();
	log_set_level("error");
	if (mkdtemp(folder) == NULL)
		return 1;
	test_children(folder);
	test_cancel(folder);
	test_cancel_ended(folder);
	test_killed(folder, "mortal", "child_died");
	test_killed(folder, "failing", "timeout");
	ok(path_remove_tree(AT_FDCWD, folder, &err),
	   "the folders of the children are gone with the rest");
	return done_testing();
}
