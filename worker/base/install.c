/*
 * base/install.c
 *	  Where the other parts of an installation are.
 */
#include "base/install.h"

#include <stdio.h>
#include <unistd.h>

#include "base/path.h"

/* A part of the installation: how it is named, and where it is when it is not. */
typedef struct Part
{
	OptionId option;
	const char *what;
	const char *file;            /* that must be there, appended to the place */
	int mode;                    /* of access() */
	const char *const places[4]; /* relative to this program's folder */
	const char *hint;
} Part;

static bool
is_there(const Part *part, const char *place)
{
	char file[PATH_SIZE];

	return snprintf(file, sizeof file, "%s%s", place, part->file) < (int) sizeof file &&
		   access(file, part->mode) == 0;
}

static bool
find(const Part *part, const Options *options, char *path, size_t size, Error *err)
{
	const char *named = option_text(options, part->option);
	char folder[PATH_SIZE];

	if (named[0] != '\0')
	{
		if (!path_absolute(path, size, named, err))
			return false;
		return is_there(part, path) ||
			   error_errno(err, option_row(part->option)->name, "cannot use %s %s%s",
						   option_row(part->option)->name, path, part->file);
	}
	if (!path_of_program(folder, sizeof folder, err))
		return false;
	for (size_t i = 0; part->places[i] != NULL; i++)
		if (snprintf(path, size, "%s/%s", folder, part->places[i]) < (int) size &&
			is_there(part, path))
			return true;
	return error_set(err, ERROR_PERMANENT, option_row(part->option)->name, part->hint,
					 "%s not found near %s", part->what, folder);
}

bool
install_media_program(const Options *options, char *path, size_t size, Error *err)
{
	static const Part part = {
		.option = OPTION_MEDIA_PROGRAM,
		.what = "the program leap-media was",
		.file = "",
		.mode = X_OK,
		.places = {"../libexec/leap-media", "../libexec/leap/leap-media", "leap-media"},
		.hint = "Name it with --media-program or LEAP_MEDIA_PROGRAM."
    };

	return find(&part, options, path, size, err);
}

bool
install_schema_folder(const Options *options, char *path, size_t size, Error *err)
{
	static const Part part = {
		.option = OPTION_SCHEMA_DIR,
		.what = "the SQL files were",
		.file = "/deploy.sql",
		.mode = R_OK,
		.places = {"../share/leap/sql", "../../sql"},
		.hint = "Name their folder with --schema-dir or LEAP_SCHEMA_DIR."
    };

	return find(&part, options, path, size, err);
}
