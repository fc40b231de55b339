/*
 * media/structure.c
 *	  Outer boxes of MP4 and Matroska files.
 */
#include "media/structure.h"

#include <ctype.h>
#include <string.h>

#include "media/bytes.h"

#define SNIFF_BYTES 2048

/* More outer boxes than an honest file has: a day of fragments of half a second. */
#define MAX_BOXES 400000

#define BOX_HEADER      8
#define BOX_LONG_HEADER 16

#define EBML_MAGIC   0x1a45dfa3u
#define EBML_SEGMENT 0x18538067u

/* Boxes that stand at the top of an MP4 or QuickTime file. */
static const char *const top_boxes[] = {
	"ftyp", "moov", "mdat", "moof", "free", "skip", "wide", "pnot", "uuid", "sidx",
	"mfra", "styp", "meta", "udta", "emsg", "prft", "pdin", "ssix", "junk",
};

static bool
is_top_box(const uint8_t *type)
{
	for (size_t i = 0; i < sizeof top_boxes / sizeof top_boxes[0]; i++)
		if (memcmp(type, top_boxes[i], 4) == 0)
			return true;
	return false;
}

static bool
is_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* No control characters but white space: markup, a playlist, JSON, a message. UTF-16 counts
 * by its byte order mark. */
static bool
is_text(const uint8_t *bytes, size_t size)
{
	if (size >= 2 &&
		((bytes[0] == 0xff && bytes[1] == 0xfe && size >= 4 && bytes[3] == 0) ||
		 (bytes[0] == 0xfe && bytes[1] == 0xff && bytes[2] == 0)))
		return true;
	for (size_t i = 0; i < size; i++)
		if ((bytes[i] < 0x20 && !isspace(bytes[i])) || bytes[i] == 0x7f)
			return false;
	return true;
}

static FileKind
kind_of(const uint8_t *head, size_t size)
{
	if (size == 0)
		return FILE_EMPTY;
	if (is_zero(head, size))
		return FILE_ZEROS;
	if (size >= BOX_HEADER && is_top_box(head + 4))
		return FILE_MP4;
	if (size >= 4 && get_be(head, 4) == EBML_MAGIC)
		return FILE_MATROSKA;
	return is_text(head, size) ? FILE_TEXT : FILE_OTHER;
}

/* What a header lacks of which only `got` bytes are there. */
static int64_t
header_missing(const uint8_t *header, size_t got)
{
	size_t whole = BOX_HEADER;

	if (got >= BOX_HEADER && is_top_box(header + 4) && get_be(header, 4) == 1)
		whole = BOX_LONG_HEADER;
	return got < whole ? (int64_t) (whole - got) : 0;
}

/* The length of the box at `at` with this header, 0 for what is none. */
static int64_t
box_length(const uint8_t *header, int64_t at, int64_t size)
{
	int64_t length = (int64_t) get_be(header, 4);

	if (length == 1)
		length = (int64_t) (get_be(header + 8, 8) & INT64_MAX);
	else if (length == 0)
		length = size - at; /* to the end of the file */
	return is_top_box(header + 4) && length >= BOX_HEADER ? length : 0;
}

/* Takes the box at found->walked; *at_fragment: it is the first fragment behind the index. */
static bool
walk_box(StructureRead read, void *arg, Structure *found, bool *at_fragment)
{
	uint8_t header[BOX_LONG_HEADER];
	int64_t at = found->walked;
	ssize_t got = read(arg, header, sizeof header, at);
	int64_t length;

	found->walked = -1;
	if (got < 0)
		return false;
	found->missing = header_missing(header, (size_t) got);
	if (found->missing > 0)
		return true;
	length = box_length(header, at, found->size);
	if (length == 0)
	{
		found->has_garbage = true;
		found->garbage = at;
		return true;
	}
	if (memcmp(header + 4, "moof", 4) == 0)
	{
		*at_fragment = !found->fragmented && found->has_index;
		found->fragmented = true;
	}
	if (length > found->size - at)
	{
		found->missing = length - (found->size - at);
		return true;
	}
	if (memcmp(header + 4, "moov", 4) == 0)
		found->has_index = true;
	found->walked = at + length;
	return true;
}

bool
structure_complete(StructureRead read, void *arg, Structure *found)
{
	bool at_fragment;

	while (found->walked >= 0 && found->walked < found->size &&
		   found->boxes++ < MAX_BOXES)
		if (!walk_box(read, arg, found, &at_fragment))
			return false;
	found->walked = -1;
	return true;
}

static bool
walk_boxes(StructureRead read, void *arg, Structure *found)
{
	bool at_fragment = false;

	found->has_index = false;
	found->walked = 0;
	while (!at_fragment && found->walked >= 0 && found->walked < found->size &&
		   found->boxes++ < MAX_BOXES)
		if (!walk_box(read, arg, found, &at_fragment))
			return false;
	return true;
}

/* The length of a Matroska number from its first byte, 1..8; 9 for a malformed one. */
static size_t
ebml_length(uint8_t first)
{
	size_t length = 1;

	for (uint8_t bit = 0x80; bit != 0 && (first & bit) == 0; bit >>= 1)
		length++;
	return length;
}

/* Reads an element's id and size at `at`; all ones is an unknown size, given as -1. */
static bool
ebml_element(const uint8_t *bytes, size_t got, uint32_t *id, int64_t *size,
			 size_t *header)
{
	size_t id_length;
	size_t size_length;
	uint64_t value;
	uint64_t mask;

	if (got < 2)
		return false;
	id_length = ebml_length(bytes[0]);
	if (id_length > 4 || got <= id_length)
		return false;
	size_length = ebml_length(bytes[id_length]);
	if (size_length > 8 || got < id_length + size_length)
		return false;
	*id = (uint32_t) get_be(bytes, id_length);
	mask = (UINT64_C(1) << (7 * size_length)) - 1;
	value = get_be(bytes + id_length, size_length) & mask;
	*size = value == mask ? -1 : (int64_t) value;
	*header = id_length + size_length;
	return true;
}

static bool
walk_elements(StructureRead read, void *arg, Structure *found)
{
	int64_t at = 0;

	for (int elements = 0; at < found->size && elements < 16; elements++)
	{
		uint8_t bytes[12];
		ssize_t got = read(arg, bytes, sizeof bytes, at);
		uint32_t id;
		int64_t size;
		size_t header;

		if (got < 0)
			return false;
		if (!ebml_element(bytes, (size_t) got, &id, &size, &header))
			return true;
		if (size < 0)
			return true; /* a live recording: it names no size */
		at += (int64_t) header + size;
		if (at > found->size)
			found->missing = at - found->size;
		if (id == EBML_SEGMENT)
			return true;
	}
	return true;
}

bool
structure_inspect(StructureRead read, void *arg, int64_t size, Structure *found)
{
	uint8_t head[SNIFF_BYTES];
	ssize_t got = read(arg, head, sizeof head, 0);

	*found = (Structure){.size = size, .has_index = true, .walked = -1};
	if (got < 0)
		return false;
	found->kind = kind_of(head, (size_t) got);
	if (found->kind == FILE_MP4)
		return walk_boxes(read, arg, found);
	if (found->kind == FILE_MATROSKA)
		return walk_elements(read, arg, found);
	return true;
}

const char *
structure_complaint(FileKind kind)
{
	static const char *const complaints[] = {
		[FILE_EMPTY] = "the file is empty",
		[FILE_ZEROS] = "the file begins with zeros and holds no media",
		[FILE_TEXT] = "the file is text (a web page, a playlist or a message), not media",
		[FILE_OTHER] = NULL,
	};

	return (size_t) kind < sizeof complaints / sizeof complaints[0] ? complaints[kind]
																	: NULL;
}
