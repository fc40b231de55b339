/* sources: base/error.c base/utf8.c media/wav.c media/bytes.c */
/*
 * tests/unit/test_media_wav.c
 *	  The WAV writer: header, buffering, silence, length limit.
 */
#include "media/wav.h"

#include <sys/mman.h>
#include <unistd.h>

#include "media/bytes.h"
#include "tap.h"

int
main(void)
{
	WavWriter wav;
	Error err = {0};
	int fd = memfd_create("wav", 0);
	int16_t samples[1000];
	uint8_t header[WAV_HEADER_SIZE];
	int16_t got;

	for (int i = 0; i < 1000; i++)
		samples[i] = (int16_t) i;
	ok(wav_open(&wav, fd, &err), "opened");
	for (int i = 0; i < 200; i++)
		wav_write(&wav, samples, 1000);
	wav_silence(&wav, 16000);
	wav_write(&wav, samples, 1000);
	wav_silence(&wav, 500);
	ok(wav_finish(&wav), "finished");
	is_int(lseek(fd, 0, SEEK_END), 44 + 2 * (200000 + 16000 + 1000 + 500), "its size");
	read_at(fd, header, sizeof header, 0);
	is_int(get_le32(header + 40), 2 * 217500, "the header names the bytes of sound");
	is_int(get_le32(header + 24), 16000, "and the rate");
	read_at(fd, &got, 2, 44 + 2 * 123456);
	is_int(got, 456, "a sample is in its place");
	read_at(fd, &got, 2, 44 + 2 * 216999);
	is_int(got, 999, "and one behind the silence");
	read_at(fd, &got, 2, 44 + 2 * 205000);
	is_int(got, 0, "silence is zero");
	wav_silence(&wav, WAV_MAX_SAMPLES);
	ok(!wav_finish(&wav), "more than 37 hours are refused");
	is_str(err.code, "recording_too_long", "by name");
	wav_free(&wav);
	close(fd);
	return done_testing();
}
