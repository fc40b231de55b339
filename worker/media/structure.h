/*
 * media/structure.h
 *	  What kind of file this is and whether it is complete, from its outermost boxes alone.
 *
 * MP4 and Matroska name the size of every outer part, so a file that was cut off says by
 * itself how much is missing, before any demuxer has looked. Only a few hundred bytes are
 * read, by offset. A fragmented MP4 has a box for every few seconds: they are walked when all
 * of the file is there.
 */
#ifndef LEAP_MEDIA_STRUCTURE_H
#define LEAP_MEDIA_STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum FileKind
{
	FILE_EMPTY,
	FILE_ZEROS,    /* its first kilobytes are zeros */
	FILE_TEXT,     /* a page, a playlist, an error message */
	FILE_MP4,      /* MP4, QuickTime */
	FILE_MATROSKA, /* Matroska, WebM */
	FILE_OTHER     /* left to the demuxers */
} FileKind;

typedef struct Structure
{
	FileKind kind;
	int64_t size;
	int64_t missing;  /* bytes that the outer parts promise beyond the end, or 0 */
	bool has_index;   /* MP4: a moov box lies within the file; else true */
	bool fragmented;  /* MP4: moof boxes follow the moov */
	bool has_garbage; /* MP4: between the boxes lies what is no box */
	int64_t garbage;  /* where it begins */
	int64_t walked;   /* where the walk goes on; -1: it is complete */
	int boxes;        /* walked so far */
} Structure;

/* Reads up to length bytes at offset; fewer at the end of the file, -1 on failure. */
typedef ssize_t (*StructureRead)(void *arg, void *bytes, size_t length, int64_t offset);

/*
 * structure_inspect stops at the first fragment behind the moov of an MP4; structure_complete
 * walks the rest and does nothing where there is none. false when reading failed.
 */
bool structure_inspect(StructureRead read, void *arg, int64_t size, Structure *found);
bool structure_complete(StructureRead read, void *arg, Structure *found);

/* The sentence for people about a file that is no media; NULL for all other kinds. */
const char *structure_complaint(FileKind kind);

#endif
