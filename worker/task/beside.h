/*
 * task/beside.h
 *	  Subtitles that lie beside a recording: NAME.vtt, NAME.srt, NAME.<language>.vtt ...
 */
#ifndef LEAP_TASK_BESIDE_H
#define LEAP_TASK_BESIDE_H

#include "task/task.h"

/* So many files of so many bytes are taken, and so many bytes of all of them together. */
#define BESIDE_MOST_FILES 8
#define BESIDE_MOST_BYTES ((long long) 4 << 20)
#define BESIDE_MOST_TOTAL ((size_t) 8 << 20) /* as the database keeps */

/*
 * Looks beside the file source at `path`, which lies below an import root, and states what
 * is there as the fact captions: [{"language": "" or a tag, "format": "vtt"|"srt",
 * "body"}, ...], empty where there is nothing. Of a language that is there in both formats WebVTT counts. Files are
 * opened as the source is: no links, below the import roots, ordinary files. What cannot be
 * taken is told in the fact caption_notes, [text, ...]; nothing here makes a download fail.
 */
void captions_beside(TaskContext *context, const char *path);

#endif
