/*
 * platform/lesson_video.c
 *	  The video of a lesson in a folder.
 */
#include "platform/lesson_video.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"

#define FILE_MODE 0644

static bool
can_have_chapters(const Publication *publication, const Lesson *lesson)
{
	return publication->add_chapters != NULL && lesson->outline != NULL &&
		   strcmp(lesson->container, "mp4") == 0;
}

/* Writes it with chapters; *written is false where there are too few. */
static bool
write_with_chapters(const Publication *publication, Lesson *lesson, const char *uri,
					int output, bool *written, Error *err)
{
	CLEANUP(close) int input = -1;
	int64_t bytes;

	if (!storage_open(publication->storage, uri, &input, &bytes, err) ||
		!publication->add_chapters(publication->arg, lesson->outline, lesson->duration,
								   input, output, written, err))
		return false;
	if (!*written)
		return true;
	if (fchmod(output, FILE_MODE) < 0 || fsync(output) < 0)
		return error_errno(err, "library_failed", "cannot store the video");
	return hash_file(output, lesson->video.sha256, &lesson->video.bytes, err);
}

bool
lesson_video_place(const Publication *publication, Lesson *lesson, int folder_fd,
				   const char *name, Error *err)
{
	const char *uri = json_text(lesson_artifact(lesson->input, "video"), "uri", "");
	CLEANUP(close) int output = -1;
	bool written = false;
	bool done;

	if (!can_have_chapters(publication, lesson))
		return storage_place(publication->storage, uri, folder_fd, name, err);
	output = openat(folder_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
					FILE_MODE);
	if (output < 0)
		return error_errno(err, "library_failed", "cannot create \"%s\"", name);
	done = write_with_chapters(publication, lesson, uri, output, &written, err);
	if (done && written)
		return true;
	lesson->video.sha256[0] = '\0';
	if (!done && err->class == ERROR_LOST)
		return false;
	if (!done)
		log_warning("the video is published without chapters: %s", err->message);
	if (unlinkat(folder_fd, name, 0) < 0)
		return error_errno(err, "library_failed", "cannot replace \"%s\"", name);
	return storage_place(publication->storage, uri, folder_fd, name, err);
}
