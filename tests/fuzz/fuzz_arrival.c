/* sources: media/arrival.c media/bytes.c base/arrival_line.c base/ranges.c */
/*
 * tests/fuzz/fuzz_arrival.c
 *	  Any lines about a file that arrives: a line is refused or comes out of its own numbers
 *	  again; nothing but announced bytes is given out, and the end of the socket ends every
 *	  wait. Ranges hold what a map of bytes holds.
 */
#include "media/arrival.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arrival_line.h"

#define FUZZ_USUAL 20000
#include "driver.h"

#define FILE_BYTES 256
#define LINES_MOST 100

const char *const fuzz_samples[] = {
	"size 256\nhave 0 100\nhave 200 256\nhave 100 200\nend 256\n",
	"have 0 10\nhave 5 20\nhave 30 40\nhave 19 31\nsize 100\n",
	"want 123\nend 0\n",
	"size 9223372036854775807\nhave 9223372036854775806 9223372036854775807\n",
	"size 9223372036854775808\nhave 5 5\nhave 6 5\nhave 1\nend 1 2\nsize\nsize \nend",
	"have 1 2\nhave 3 4\nhave 5 6\nhave 7 8\nhave 9 10\nhave 2 3\nhave 0 256\n",
	NULL};

static void
check_line(const char *text, size_t length)
{
	ArrivalLine line;
	ArrivalLine again;
	char written[ARRIVAL_LINE_SIZE];

	if (!arrival_line_read(text, length, &line))
		return;
	fuzz_check(line.first >= 0 && (line.word != ARRIVAL_HAVE || line.first < line.second),
			   "numbers are within bounds");
	fuzz_check(arrival_line_read(written, arrival_line_write(&line, written), &again) &&
				   again.word == line.word && again.first == line.first &&
				   again.second == line.second,
			   "a line is read as it is written");
}

/* Marks the bytes of the file that a line says are there. */
static void
mark(const char *text, size_t length, bool there[FILE_BYTES])
{
	ArrivalLine line;

	if (!arrival_line_read(text, length, &line))
		return;
	for (int64_t i = 0; i < FILE_BYTES; i++)
		if ((line.word == ARRIVAL_HAVE && i >= line.first && i < line.second) ||
			(line.word == ARRIVAL_END && i < line.first))
			there[i] = true;
}

static void
check_reading(Arrival *arrival, int file, const bool there[FILE_BYTES])
{
	bool finished;

	for (int64_t offset = 0; offset < FILE_BYTES; offset += 37)
	{
		uint8_t bytes[64];
		ssize_t got = arrival_read(arrival, file, bytes, sizeof bytes, offset);

		for (ssize_t i = 0; i < got; i++)
			fuzz_check(there[offset + i] && bytes[i] == (uint8_t) (offset + i),
					   "only what was announced is read, and as it is");
	}
	finished = arrival_finish(arrival);
	fuzz_check(finished == arrival->ended, "the end is known or missed");
}

static void
check_ranges(const uint8_t *data, size_t size)
{
	Ranges ranges = {.count = 0};
	bool map[256] = {false};

	for (size_t i = 0; i + 1 < size; i += 2)
		if (ranges_add(&ranges, data[i], data[i + 1]))
			memset(map + data[i], true, (size_t) (data[i + 1] - data[i]));
		else
			fuzz_check(data[i] >= data[i + 1] || ranges.count == RANGES_MOST,
					   "a range is taken");
	for (int64_t offset = 0; offset < 256; offset++)
	{
		int64_t end = offset;
		int64_t next = offset + 1;

		while (end < 256 && map[end])
			end++;
		while (next < 256 && (!map[next] || map[next - 1]))
			next++;
		fuzz_check(ranges_end(&ranges, offset) == end, "what is there ends");
		fuzz_check(ranges_next(&ranges, offset) == (next < 256 ? next : INT64_MAX),
				   "the next range begins");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int file = -1;
	const char *text = (const char *) data;
	const char *end = text + size;
	bool there[FILE_BYTES] = {false};
	Arrival arrival;
	int64_t told;
	int ends[2];
	int lines = 0;

	if (file < 0)
	{
		uint8_t bytes[FILE_BYTES];

		for (int i = 0; i < FILE_BYTES; i++)
			bytes[i] = (uint8_t) i;
		file = memfd_create("file", MFD_CLOEXEC);
		if (file < 0 || write(file, bytes, sizeof bytes) != sizeof bytes)
			abort();
	}
	check_ranges(data, size);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) < 0)
		abort();
	while (text < end && lines++ < LINES_MOST)
	{
		const char *newline = memchr(text, '\n', (size_t) (end - text));
		size_t length = (size_t) ((newline != NULL ? newline + 1 : end) - text);

		check_line(text, length);
		if (length <= ARRIVAL_LINE_SIZE)
			mark(text, length, there);
		if (send(ends[0], text, length, MSG_DONTWAIT) < 0)
			abort();
		text += length;
	}
	if (size % 2 == 0)
		(void) close(ends[0]);
	else
		(void) shutdown(ends[0], SHUT_WR);
	arrival_init(&arrival, ends[1], 0);
	told = arrival_size(&arrival);
	fuzz_check(told == arrival.size || told == -1, "the size is known or missed");
	check_reading(&arrival, file, there);
	(void) close(ends[1]);
	if (size % 2 != 0)
		(void) close(ends[0]);
	return 0;
}
