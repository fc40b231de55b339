/*
 * cli/keys.c
 *	  leap keys: the pairs of keys that credentials are sealed with.
 *
 * A private key is made here, written into the file of the workers, and forgotten. The database
 * gets public halves only.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/secret_file.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/text.h"

#define KEYS_MOST   256
#define FILE_MOST   65536
#define ID_BYTES    8
#define ID_SIZE     (2 * ID_BYTES + 1)
#define SECRET_SIZE sodium_base64_ENCODED_LEN(crypto_box_SECRETKEYBYTES, BASE64)
#define PUBLIC_SIZE sodium_base64_ENCODED_LEN(crypto_box_PUBLICKEYBYTES, BASE64)
#define BASE64      sodium_base64_VARIANT_ORIGINAL

typedef struct PublicKey
{
	char id[ID_SIZE];
	char base64[PUBLIC_SIZE];
} PublicKey;

typedef struct PublicKeys
{
	PublicKey rows[KEYS_MOST];
	size_t count;
} PublicKeys;

static void
name_key(PublicKey *key, const unsigned char *public)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	(void) crypto_hash_sha256(hash, public, crypto_box_PUBLICKEYBYTES);
	(void) sodium_bin2hex(key->id, sizeof key->id, hash, ID_BYTES);
	(void) sodium_bin2base64(key->base64, sizeof key->base64, public,
							 crypto_box_PUBLICKEYBYTES, BASE64);
}

/* "ID = base64 of a private key"; empty lines and such that begin with # count for nothing. */
static bool
read_line(const char *line, size_t length, PublicKeys *keys)
{
	unsigned char secret[crypto_box_SECRETKEYBYTES];
	unsigned char public[crypto_box_PUBLICKEYBYTES];
	PublicKey *key = &keys->rows[keys->count];
	size_t skip = strspn(line, " \t\r");
	const char *equals;
	size_t got = 0;
	bool good;

	if (skip >= length || line[skip] == '#')
		return true;
	equals = memchr(line, '=', length);
	if (equals == NULL || keys->count == KEYS_MOST)
		return false;
	good = sodium_base642bin(secret, sizeof secret, equals + 1,
							 length - (size_t) (equals + 1 - line), " \t\r", &got, NULL,
							 BASE64) == 0 &&
		   got == sizeof secret && crypto_scalarmult_base(public, secret) == 0;
	sodium_memzero(secret, sizeof secret);
	if (!good)
		return false;
	name_key(key, public);
	keys->count++;
	return strncmp(key->id, line + skip, ID_SIZE - 1) == 0;
}

static bool
read_keys(const char *path, PublicKeys *keys, Error *err)
{
	CLEANUP(close) int fd = -1;
	char *text;
	ssize_t length;
	int number = 1;
	bool good = true;

	keys->count = 0;
	if (!secret_file_open(path, "the file of keys", &fd, err))
		return false;
	text = calloc(1, FILE_MOST + 1);
	length = text == NULL ? -1 : read(fd, text, FILE_MOST);
	if (length < 0 || length == FILE_MOST)
		good = error_set(err, ERROR_PERMANENT, "usage", NULL,
						 "%.200s cannot be read, or has more than 64 KiB", path);
	for (const char *line = text; good && line < text + length; number++)
	{
		size_t size = strcspn(line, "\n");

		if (!read_line(line, size, keys))
			good =
				error_set(err, ERROR_PERMANENT, "usage",
						  "A line is KEY_ID = base64, as leap keys writes it.",
						  "line %d of %.200s is no key that fits its name", number, path);
		line += size + 1;
	}
	if (text != NULL)
		sodium_memzero(text, FILE_MOST);
	free(text);
	return good;
}

/* flags: O_EXCL for a new file. One write, so that no half of a line is there. */
static bool
append_key(const char *path, int flags, PublicKey *key, Error *err)
{
	unsigned char secret[crypto_box_SECRETKEYBYTES];
	unsigned char public[crypto_box_PUBLICKEYBYTES];
	char base64[SECRET_SIZE];
	char line[ID_SIZE + SECRET_SIZE + 8];
	CLEANUP(close)
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | flags,
				  S_IRUSR | S_IWUSR);
	char last = '\n';
	off_t end;
	int length;
	bool good;

	if (fd < 0 && errno == EEXIST)
		return error_set(
			err, ERROR_PERMANENT, "usage",
			"leap keys rotate FILE adds a newer key to it; leap keys register "
			"FILE makes those in it known.",
			"%.200s is there already", path);
	if (fd < 0)
		return error_errno(err, "usage", "cannot write %.200s", path);
	(void) crypto_box_keypair(public, secret);
	name_key(key, public);
	(void) sodium_bin2base64(base64, sizeof base64, secret, sizeof secret, BASE64);
	/* whoever edited the file may have left its last line open */
	end = lseek(fd, 0, SEEK_END);
	length =
		snprintf(line, sizeof line, "%s%s = %s\n",
				 end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n' ? "\n" : "",
				 key->id, base64);
	good = write(fd, line, (size_t) length) == length && fsync(fd) == 0;
	if (!good)
		(void) error_errno(err, "usage", "cannot write %.200s", path);
	sodium_memzero(secret, sizeof secret);
	sodium_memzero(base64, sizeof base64);
	sodium_memzero(line, sizeof line);
	return good;
}

static ExitCode
register_all(const Session *session, const PublicKeys *keys)
{
	CLEANUP(json) cJSON *list = cJSON_CreateArray();
	ExitCode code = EXIT_DONE;

	for (size_t i = 0; i < keys->count; i++)
	{
		CLEANUP(json) cJSON *answer = NULL;
		const char *params[] = {keys->rows[i].base64};

		if (!session_ask(session, "SELECT to_jsonb(leap.add_worker_key($1))", params, 1,
						 &answer, &code))
			return code;
		cJSON_AddItemToArray(list, cJSON_CreateString(keys->rows[i].id));
		if (!session->json)
			printf("%s is known\n", keys->rows[i].id);
	}
	if (session->json)
		session_print_json(list);
	return code;
}

/* The last of a file counts as the newest: the others are made known before it. */
static ExitCode
register_keys(const Session *session, const char *path)
{
	PublicKeys keys;
	Error err = {0};

	if (!read_keys(path, &keys, &err))
		return session_error(session, &err);
	return register_all(session, &keys);
}

static void
tell_made(const Session *session, const char *id)
{
	CLEANUP(json) cJSON *answer = cJSON_CreateObject();

	cJSON_AddStringToObject(answer, "key", id);
	if (session->json)
		session_print_json(answer);
	else
		puts(id);
}

static ExitCode
add_key(const Session *session, const char *path, int flags)
{
	PublicKeys keys = {.count = 1};
	Error err = {0};
	ExitCode code;

	if ((flags & O_EXCL) == 0 && access(path, F_OK) == 0 && !read_keys(path, &keys, &err))
		return session_error(session, &err);
	keys.count = 1;
	if (!append_key(path, flags, &keys.rows[0], &err))
		return session_error(session, &err);
	if (session->db == NULL)
	{
		tell_made(session, keys.rows[0].id);
		return EXIT_DONE;
	}
	code = register_all(session, &keys);
	if (code != EXIT_DONE && !session->json)
		fprintf(stderr, "hint: the key is in %s; leap keys register makes it known\n",
				path);
	if (code == EXIT_DONE && !session->json)
		fprintf(stderr, "every worker needs %s now, with --credential-keys\n", path);
	return code;
}

static ExitCode
init(const Session *session, const char *path)
{
	return add_key(session, path, O_EXCL);
}

static ExitCode
rotate(const Session *session, const char *path)
{
	return add_key(session, path, 0);
}

static bool
is_in(const PublicKeys *keys, const char *id)
{
	for (size_t i = 0; i < keys->count; i++)
	{
		if (strcmp(keys->rows[i].id, id) == 0)
			return true;
	}
	return false;
}

/* With a file also whether its workers could open what is sealed to each. */
static ExitCode
list(const Session *session, const char *path)
{
	CLEANUP(json) cJSON *known = NULL;
	PublicKeys keys = {0};
	Error err = {0};
	ExitCode code = EXIT_DONE;
	cJSON *row;

	if (path != NULL && !read_keys(path, &keys, &err))
		return session_error(session, &err);
	if (!session_ask(session,
					 "SELECT coalesce(jsonb_agg(k), '[]') FROM leap.worker_key_list() k",
					 NULL, 0, &known, &code))
		return code;
	cJSON_ArrayForEach(row, known)
	{
		const char *id = json_text(row, "key_id", "");
		const char *state = json_text(row, "state", "");

		if (path != NULL)
			cJSON_AddBoolToObject(row, "in_file", is_in(&keys, id));
		if (session->json)
			continue;
		printf("%s  %s%-7s%s  %.0f credentials, %.0f apps%s\n", id,
			   text_colour(session->colour, state), state, text_plain(session->colour),
			   json_number(row, "credentials", 0), json_number(row, "apps", 0),
			   path == NULL || is_in(&keys, id) ? "" : "  NOT IN THE FILE");
	}
	if (session->json)
		session_print_json(known);
	else if (cJSON_GetArraySize(known) == 0)
		fputs("no keys; leap keys init FILE makes the first one\n", stderr);
	return EXIT_DONE;
}

static const struct
{
	const char *name;
	bool needs_file;
	bool needs_database;
	ExitCode (*run)(const Session *session, const char *path);
} actions[] = {
	{"init",     true,  true,  init         },
    {"rotate",   true,  true,  rotate       },
	{"make",     true,  false, rotate       },
    {"register", true,  true,  register_keys},
	{"list",     false, true,  list         },
};

ExitCode
keys_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session)
	Session session = {.options = options, .json = option_flag(options, OPTION_JSON)};
	ExitCode code = EXIT_DONE;

	for (size_t i = 0; argc > 0 && i < sizeof actions / sizeof actions[0]; i++)
	{
		if (strcmp(argv[0], actions[i].name) != 0 || argc > 2 ||
			(argc < 2 && actions[i].needs_file))
			continue;
		if (sodium_init() < 0)
			return EXIT_FAILED;
		if (actions[i].needs_database && !session_open(&session, options, &code))
			return code;
		return actions[i].run(&session, argc > 1 ? argv[1] : NULL);
	}
	return session_usage("keys", "say init, rotate, make or register FILE, or list");
}
