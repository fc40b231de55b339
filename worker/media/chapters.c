/*
 * media/chapters.c
 *	  Rewriting the front of an MP4 and copying the rest.
 */
#include "media/chapters.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "media/chapters_file.h"
#include "media/facts.h"
#include "media/mp4_chapters.h"
#include "media/progress.h"

#define MOST_OF_LIST ((int64_t) 4 << 20)
#define COPIED_ONCE  ((size_t) 8 << 20)
#define BLOCK        ((size_t) 256 << 10)

/* What is written. */
typedef struct ChaptersRun
{
	const ChaptersOptions *options;
	ChaptersFile file;
	cJSON *list;
	Mp4Chapter *chapters;
	size_t count;
	Mp4Chaptered made;
	Buffer front; /* all that comes before the media */
	Progress progress;
	int64_t copied;
	int64_t size; /* of the output */
} ChaptersRun;

static void
cleanup_run(ChaptersRun *run)
{
	chapters_file_close(&run->file);
	cJSON_Delete(run->list);
	free(run->chapters);
	mp4_chaptered_free(&run->made);
	buffer_free(&run->front);
}

static bool
refuse_list(Error *err, size_t number, const char *why)
{
	return error_set(err, ERROR_PERMANENT, "bad_chapters",
					 "Chapters are [{\"title\": text, \"start\": seconds}, ...].",
					 "chapter %zu %s", number + 1, why);
}

static bool
read_chapter(const cJSON *item, size_t number, int64_t before, Mp4Chapter *chapter,
			 Error *err)
{
	const cJSON *title = cJSON_GetObjectItemCaseSensitive(item, "title");
	const cJSON *start = cJSON_GetObjectItemCaseSensitive(item, "start");

	if (!cJSON_IsString(title) || !cJSON_IsNumber(start))
		return refuse_list(err, number, "has no title or no start");
	if (!(start->valuedouble >= 0.0 && start->valuedouble < 1e7))
		return refuse_list(err, number, "begins at no time of a recording");
	*chapter = (Mp4Chapter){title->valuestring, llround(1000.0 * start->valuedouble)};
	return chapter->start > before ||
		   refuse_list(err, number, "does not begin behind the one before");
}

static bool
read_chapters(ChaptersRun *run, Error *err)
{
	CLEANUP(free) char *text = NULL;
	struct stat info;
	ssize_t length = -1;
	const cJSON *item;
	int64_t before = -1;

	if (fstat(run->options->chapters_fd, &info) != 0)
		return error_errno(err, "read_failed", "cannot look at the chapters");
	if (info.st_size <= MOST_OF_LIST)
	{
		text = array_new((size_t) info.st_size + 1, 1);
		length = read_at(run->options->chapters_fd, text, (size_t) info.st_size, 0);
	}
	if (length >= 0)
		run->list = cJSON_ParseWithLength(text, (size_t) length);
	if (!cJSON_IsArray(run->list))
		return error_set(err, ERROR_PERMANENT, "bad_chapters",
						 "Chapters are [{\"title\": text, \"start\": seconds}, ...].",
						 "the chapters are no JSON array of at most 4 MiB");
	run->chapters =
		array_new((size_t) cJSON_GetArraySize(run->list), sizeof *run->chapters);
	cJSON_ArrayForEach(item, run->list)
	{
		if (!read_chapter(item, run->count, before, &run->chapters[run->count], err))
			return false;
		before = run->chapters[run->count++].start;
	}
	return true;
}

static bool
make_index(ChaptersRun *run, Error *err)
{
	const ChaptersFile *file = &run->file;
	/* the front may grow by what is in it now, and by the chapters */
	bool far = file->size + (int64_t) file->index.length > UINT32_MAX - MOST_OF_LIST * 4;
	Mp4Bytes moov = {(const uint8_t *) file->index.data, file->index.length};

	switch (mp4_chapters_write(moov, run->chapters, run->count, far, &run->made))
	{
		case MP4_CHAPTERS_MADE:
			return true;
		case MP4_CHAPTERS_IN_FRAGMENTS:
			return error_set(err, ERROR_INPUT, "in_fragments",
							 "`leap media trim` makes a file with one index of it.",
							 "chapters cannot be put into an MP4 of fragments");
		case MP4_CHAPTERS_BROKEN:
			break;
	}
	return chapters_bad_index(err);
}

/* Puts the front together; the media moves only where there is not enough room for it. */
static bool
make_front(ChaptersRun *run, Error *err)
{
	ChaptersFile *file = &run->file;
	int64_t first = file->piece_count > 0 ? file->pieces[0].from : 0;
	int64_t texts_at;
	int64_t end;
	int64_t left;

	buffer_init(&run->front);
	buffer_append(&run->front, file->type.data, file->type.length);
	texts_at = (int64_t) (file->type.length + run->made.index.length);
	end = texts_at + (int64_t) run->made.texts.length;
	left = first - end;
	if (left < 0 || (left > 0 && left < 8) || left > UINT32_MAX)
		left = 0;
	end += left;
	for (size_t i = 0; i < file->piece_count; i++)
	{
		file->pieces[i].to = end;
		end += file->pieces[i].size;
	}
	run->size = end;
	if (!mp4_chapters_place(&run->made, file->pieces, file->piece_count, texts_at + 8))
		return chapters_bad_index(err);
	buffer_append(&run->front, run->made.index.data, run->made.index.length);
	buffer_append(&run->front, run->made.texts.data, run->made.texts.length);
	if (left > 0)
	{
		mp4_put(&run->front, (uint64_t) left, 4);
		buffer_append(&run->front, "free", 4);
	}
	return true;
}

/* Copies within the kernel as far as the file systems can: the bytes copied, 0 at the end of
 * the file, -1 where they cannot. */
static ssize_t
copy_in_kernel(const ChaptersRun *run, const Mp4Piece *piece, int64_t done)
{
	off_t from = piece->from + done;
	off_t to = piece->to + done;
	size_t most = piece->size - done < (int64_t) COPIED_ONCE
					  ? (size_t) (piece->size - done)
					  : COPIED_ONCE;

	return copy_file_range(run->options->input_fd, &from, run->options->output_fd, &to,
						   most, 0);
}

static ssize_t
copy_block(const ChaptersRun *run, const Mp4Piece *piece, int64_t done, uint8_t *block)
{
	size_t most =
		piece->size - done < (int64_t) BLOCK ? (size_t) (piece->size - done) : BLOCK;
	ssize_t got = read_at(run->options->input_fd, block, most, piece->from + done);

	if (got > 0 &&
		!write_at(run->options->output_fd, block, (size_t) got, piece->to + done))
		return -1;
	return got;
}

static bool
copy_piece(ChaptersRun *run, const Mp4Piece *piece, uint8_t *block, Error *err)
{
	bool in_kernel = true;

	for (int64_t done = 0; done < piece->size;)
	{
		ssize_t got = in_kernel ? copy_in_kernel(run, piece, done)
								: copy_block(run, piece, done, block);

		if (got < 0 && !in_kernel)
			return error_errno(err, "write_failed", "cannot copy the recording");
		if (got == 0 && !in_kernel)
			return error_set(err, ERROR_INPUT, "bad_index",
							 "Copy the recording again from where it was made.",
							 "the recording ends while it is copied");
		/* what is wrong tells the copy block by block */
		in_kernel = in_kernel && got > 0;
		done += got > 0 ? got : 0;
		run->copied += got > 0 ? got : 0;
		progress_report(&run->progress, (double) run->copied / (double) run->size);
	}
	return true;
}

static bool
write_file(ChaptersRun *run, Error *err)
{
	CLEANUP(free) uint8_t *block = array_new(BLOCK, 1);
	int fd = run->options->output_fd;

	if (ftruncate(fd, 0) != 0 || !write_at(fd, run->front.data, run->front.length, 0))
		return error_errno(err, "write_failed", "cannot write the recording");
	for (size_t i = 0; i < run->file.piece_count; i++)
		if (!copy_piece(run, &run->file.pieces[i], block, err))
			return false;
	if (fsync(fd) != 0 && errno != EINVAL)
		return error_errno(err, "write_failed", "cannot sync the recording");
	return true;
}

bool
chapters_run(const ChaptersOptions *options, cJSON **result, Error *err)
{
	CLEANUP(run)
	ChaptersRun run = {.options = options, .progress = PROGRESS_TO(options->progress_fd)};

	if (!read_chapters(&run, err) ||
		!chapters_file_open(&run.file, options->input_fd, err) ||
		!make_index(&run, err) || !make_front(&run, err) || !write_file(&run, err))
		return false;
	*result = cJSON_CreateObject();
	cJSON_AddNumberToObject(*result, "chapters", (double) run.made.count);
	facts_bytes(*result, "bytes", run.size);
	return true;
}
