/* sources: media/mp4_box.c media/mp4_table.c media/mp4_movie.c media/mp4_movie_write.c media/mp4_chapters.c media/mp4_texts.c media/bytes.c base/buffer.c base/utf8.c */
/*
 * tests/fuzz/fuzz_mp4.c
 *	  Whatever is given as the index of an MP4: chapters are put into it, or it is refused; what
 *	  was put in is found again, and taken out without a trace. Whatever libav may write as
 *	  fragments becomes an index of as many samples, or is refused.
 *
 * The first byte says what the rest is: boxes in a row, of which a moov is the index and each
 * moof comes with the mdat behind it.
 */
#define FUZZ_BINARY
#define FUZZ_USUAL 60000

#include "media/mp4_chapters.h"
#include "media/mp4_movie.h"

#include "driver.h"

#define FULL   "\0\0\0\0"
#define ZERO8  "\0\0\0\0\0\0\0\0"
#define ZERO32 ZERO8 ZERO8 ZERO8 ZERO8
#define MVHD                                                                 \
	"\0\0\0\154mvhd" FULL ZERO8 "\0\0\3\350\0\0\352\140" ZERO32 ZERO32 ZERO8 \
	"\0\0\0\0\0\0\0\3"
#define TKHD "\0\0\0\x5ctkhd\0\0\0\3" ZERO8 "\0\0\0\1" ZERO32 ZERO32 "\0\0\0\0"
#define MDHD "\0\0\0\40mdhd" FULL ZERO8 "\0\1\137\220\0\0\0\0\0\0\0\0"
#define STSD "\0\0\0\14stsd" FULL
#define STCO "\0\0\0\30stco" FULL "\0\0\0\2\0\0\0\144\0\0\0\310"
#define CO64 "\0\0\0\30co64" FULL "\0\0\0\1\0\0\0\0\0\0\0\144"
#define TREF "\0\0\0\24tref\0\0\0\14chap\0\0\0\2"
#define UDTA "\0\0\0\35udta\0\0\0\25chpl\1\0\0\0\0\0\0\0\0"
#define TRAK \
	"\0\0\0\xc0trak" TKHD "\0\0\0\x5cmdia" MDHD "\0\0\0\64minf\0\0\0\54stbl" STSD STCO
#define TRAK64                                       \
	"\0\0\0\xd4trak" TKHD TREF "\0\0\0\x5cmdia" MDHD \
	"\0\0\0\64minf\0\0\0\54stbl" STSD CO64
#define FIRST      "\0\0\1\74moov" MVHD TRAK "\0\0\0\10mvex"
#define TFHD       "\0\0\0\34tfhd\0\2\0\70\0\0\0\1\0\0\16\20\0\0\0\12\1\1\0\0"
#define TFDT(time) "\0\0\0\24tfdt\1\0\0\0\0\0\0\0\0\0\0" time
#define TRUN \
	"\0\0\0\44trun\1\0\13\5\0\0\0\1\0\0\0\154\2\0\0\0\0\0\0\4\0\0\0\3\377\377\377\377"
#define MOOF(time)                                 \
	"\0\0\0\144moof\0\0\0\134traf" TFHD TFDT(time) \
	TRUN

static const char plain[] = "\1\0\0\1\64moov" MVHD TRAK;
static const char linked[] = "\2\0\0\1\145moov" MVHD TRAK64 UDTA;
static const char parts[] =
	"\0" FIRST MOOF("\0") "\0\0\0\13mdatxyz" MOOF("\7") "\0\0\0\13mdatxyz";

const char *const fuzz_samples[] = {plain, linked, parts, NULL};
const size_t fuzz_sizes[] = {sizeof plain - 1, sizeof linked - 1, sizeof parts - 1};

static Mp4Bytes
bytes_of(const Buffer *buffer)
{
	return (Mp4Bytes){(const uint8_t *) buffer->data, buffer->length};
}

static void
check_taken_out(Mp4Bytes index)
{
	Mp4Chaptered plainly;
	Mp4Box box;

	fuzz_check(mp4_chapters_write(index, NULL, 0, false, &plainly) == MP4_CHAPTERS_MADE,
			   "an index that was written is one");
	fuzz_check(plainly.count == 0 && plainly.text_at == 0 &&
				   !mp4_box_path(bytes_of(&plainly.index), "moov trak tref chap", &box) &&
				   !mp4_box_path(bytes_of(&plainly.index), "moov udta chpl", &box),
			   "chapters are taken out");
	mp4_chaptered_free(&plainly);
}

static void
check_chapters(Mp4Bytes index, size_t number)
{
	static const Mp4Chapter chapters[] = {
		{"one",            0    },
        {"\xd0\xaf\xff\n", 5    },
        {"",               40000}
    };
	static const Mp4Piece pieces[] = {
		{90,  20,  1090},
        {110, 400, 3110}
    };
	Mp4Chaptered made;
	Mp4Box box;
	size_t first = number % 3;

	if (mp4_chapters_write(index, chapters + first, 3 - first, number % 2 != 0, &made) ==
		MP4_CHAPTERS_MADE)
	{
		if (mp4_chapters_place(&made, pieces, 2, 77) && made.text_at > 0)
			fuzz_check(mp4_number(bytes_of(&made.index), made.text_at, 8) == 77,
					   "the texts are where they were put");
		fuzz_check(mp4_box_path(bytes_of(&made.index), "moov udta chpl", &box) ==
					   (made.count > 0),
				   "chapters are there");
		check_taken_out(bytes_of(&made.index));
	}
	mp4_chaptered_free(&made);
}

static void
check_written(const Mp4Movie *movie)
{
	Buffer out;
	Mp4Box box;

	buffer_init(&out);
	if (mp4_movie_write(movie, &out) &&
		mp4_box_path(bytes_of(&out), "moov trak mdia minf stbl stsz", &box))
		fuzz_check(mp4_number(box.body, 8, 4) == movie->tracks[0].table.count,
				   "all samples are in the index");
	buffer_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Mp4Movie movie = {0};
	Mp4Bytes run = {data + 1, size > 0 ? size - 1 : 0};
	Mp4Bytes moof = {0};
	Mp4Box box;

	buffer_init(&movie.init);
	if (size > 0 && data[0] > 2)
		movie.tracks[0].roll = -1;
	while (mp4_box_next(&run, &box))
		if (mp4_box_is(&box, "moov"))
		{
			check_chapters(box.all, data[0]);
			mp4_movie_begin(&movie, box.all);
		}
		else if (mp4_box_is(&box, "moof"))
			moof = box.all;
		else if (moof.at != NULL && !mp4_movie_add(&movie, moof, box.body, 1000))
			break;
	check_written(&movie);
	mp4_movie_free(&movie);
	return 0;
}
