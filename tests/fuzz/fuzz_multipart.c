/* sources: gate/multipart.c base/buffer.c */
/*
 * tests/fuzz/fuzz_multipart.c
 *	  Whatever a form has in it, and however it is cut into pieces: it is refused with a reason,
 *	  or its parts are told in order, and what is told is the same for every way of cutting.
 */
#include "base/buffer.h"
#include "gate/multipart.h"

#include "driver.h"

const char *const fuzz_samples[] = {
	"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n--b--\r\n",
	"--b\r\nContent-Disposition: form-data; name=f; filename=\"x.mp4\"\r\n"
	"Content-Type: video/mp4\r\n\r\n\r\n-\r\n--\r\n--a\r\r\n--b\r\n"
	"content-disposition: FORM-DATA; filename=\"\\\"q\\\\\" ; "
	"name=\"n\"\r\n\r\n\r\n--b--",
	"--b\r\nContent-Transfer-Encoding: 8bit\r\nContent-Disposition: form-data; "
	"name=\"\"\r\n\r\n--b--\r\n--b--",
	"--b--\r\n", NULL};

/* What is told, as text. */
typedef struct Told
{
	Buffer text;
	bool inside;
} Told;

static bool
tell_begin(void *arg, const char *name, const char *filename)
{
	Told *told = arg;

	fuzz_check(!told->inside, "a part ends before the next one");
	fuzz_check(strlen(name) < MULTIPART_NAME, "a name is not too long");
	told->inside = true;
	buffer_printf(&told->text, "<%s|%s>", name, filename != NULL ? filename : "-");
	return true;
}

static bool
tell_data(void *arg, const char *bytes, size_t length)
{
	Told *told = arg;

	fuzz_check(told->inside && length > 0, "data belongs to a part");
	buffer_append(&told->text, bytes, length);
	return true;
}

static bool
tell_end(void *arg)
{
	Told *told = arg;

	fuzz_check(told->inside, "a part that began ends");
	told->inside = false;
	buffer_puts(&told->text, "<end>");
	return true;
}

/* Reads the body in pieces of so many bytes; whether it was whole. */
static bool
read_form(const char *body, size_t size, size_t piece, Told *told)
{
	static const char type[] = "multipart/form-data; boundary=b";
	const MultipartSink sink = {tell_begin, tell_data, tell_end, told};
	Multipart *form = multipart_new((Slice){type, strlen(type)}, &sink);
	bool good = true;
	bool whole;

	buffer_init(&told->text);
	told->inside = false;
	for (size_t at = 0; good && at < size; at += piece)
		good = multipart_feed(form, body + at, size - at < piece ? size - at : piece);
	fuzz_check(good == (multipart_fault(form) == NULL), "a refusal has a reason");
	whole = good && multipart_whole(form);
	fuzz_check(!whole || !told->inside, "a form that is whole has no open part");
	multipart_free(form);
	return whole;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *body = (const char *) data;
	Told whole;
	bool good = read_form(body, size, size + 1, &whole);

	for (size_t piece = 1; piece < 8; piece += 3)
	{
		Told told;

		fuzz_check(read_form(body, size, piece, &told) == good,
				   "how it is cut does not decide");
		fuzz_check(told.text.length == whole.text.length &&
					   memcmp(told.text.data, whole.text.data, told.text.length) == 0,
				   "or what is told");
		buffer_free(&told.text);
	}
	multipart_free(multipart_new((Slice){body, size}, &(MultipartSink){0}));
	buffer_free(&whole.text);
	return 0;
}
