/*
 * platform/youtube_session.c
 *	  A resumable upload session.
 *
 * YouTube takes pieces of one length, a multiple of 256 KiB, and a shorter last one, and
 * answers 308 with the bytes it has: that answer alone counts, not what was sent. Pieces are
 * long, as each costs a round trip, and of such a length that the last one is short: little
 * time shall lie between the question whether the lease holds and the byte that makes the
 * video. After a break they are shorter, in case that nothing of a broken one was kept.
 */
#include "platform/youtube_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "net/url.h"
#include "platform/youtube_error.h"

#define UNIT        ((int64_t) 256 << 10)
#define PIECE_MOST  ((int64_t) 64 << 20)
#define PIECE_AFTER ((int64_t) 8 << 20) /* a break */

/* Failures without a new byte in between, and those of them that are clear refusals. */
#define TRIES_MOST    8
#define REFUSALS_MOST 2

#define SHOWN "YouTube's upload session"

/* What one request to the session came to. */
typedef enum Reply
{
	REPLY_MORE, /* it has `offset` bytes */
	REPLY_DONE,
	REPLY_GONE,
	REPLY_UNCLEAR, /* worth another try, after asking for the offset; *err tells */
	REPLY_FAILED
} Reply;

typedef struct Sending
{
	Session *session;
	int64_t offset;  /* -1 = to be asked for */
	int64_t reached; /* the most it ever was */
	int64_t most;    /* a piece may have */
	int64_t length;  /* of a piece but the last */
	int64_t full;    /* so many of them are left */
	int tries;       /* that brought nothing, one after another */
} Sending;

static const char *
session_uri(const Session *session)
{
	return json_text(session->youtube->state, "session", "");
}

/* "bytes=0-524287" is 524288 bytes, no such header none at all. */
static int64_t
bytes_there(const CallAnswer *answer)
{
	char range[64];
	char *end;
	long long last;

	if (call_header(answer, "Range", range, sizeof range) == NULL)
		return 0;
	if (strncmp(range, "bytes=0-", 8) != 0)
		return -1;
	last = strtoll(range + 8, &end, 10);
	return end > range + 8 && *end == '\0' && last >= 0 ? (int64_t) last + 1 : -1;
}

static Reply
take_video(Session *session, const CallAnswer *answer, Error *err)
{
	const char *id = json_text(answer->json, "id", "");

	if (id[0] == '\0' || strlen(id) >= YOUTUBE_ID_SIZE)
	{
		error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
				  "YouTube took the video and did not say what it is called");
		return REPLY_UNCLEAR;
	}
	memcpy(session->video, id, strlen(id) + 1);
	return REPLY_DONE;
}

static Reply
take_offset(Sending *sending, const CallAnswer *answer, Error *err)
{
	int64_t there = bytes_there(answer);

	if (there < 0 || there >= sending->session->bytes)
	{
		error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
				  "YouTube wants more of the video and has %lld bytes of %lld",
				  (long long) there, (long long) sending->session->bytes);
		return REPLY_UNCLEAR;
	}
	/* it waits for more: so the video is not made, whatever was sent before */
	sending->session->unheard = false;
	sending->offset = there;
	return REPLY_MORE;
}

/* A refusal: what passes is worth asking again, and so is one without a reason that is known,
 * as a session whose offset we were wrong about gives it. */
static Reply
take_refusal(const CallAnswer *answer, Error *err)
{
	char reason[64];

	youtube_error(answer, "take the video", err);
	youtube_reason(answer, reason, sizeof reason);
	if (err->class == ERROR_TRANSIENT || err->class == ERROR_RATE_LIMITED)
		return REPLY_UNCLEAR;
	return youtube_knows(reason) || answer->answer.status == 401 ||
				   answer->answer.status == 403
			   ? REPLY_FAILED
			   : REPLY_UNCLEAR;
}

static Reply
judge(Sending *sending, const CallAnswer *answer, Error *err)
{
	Session *session = sending->session;

	switch (answer->answer.status)
	{
		case 200:
		case 201:
			return take_video(session, answer, err);
		case 308:
			return take_offset(sending, answer, err);
		case 404:
		case 410:
			return REPLY_GONE;
		case 401:
			return account_refresh(session->youtube->account, err) ? REPLY_UNCLEAR
																   : REPLY_FAILED;
		default:
			return take_refusal(answer, err);
	}
}

/* The token goes along only to the server it is for; elsewhere the URI alone is the right to
 * send. */
static bool
authorization(const Session *session, char header[ACCOUNT_HEADER_SIZE], Error *err)
{
	YouTube *youtube = session->youtube;
	const char *token;

	header[0] = '\0';
	if (!url_same_origin(session_uri(session), youtube->upload))
		return true;
	if (!account_token(youtube->account, &token, err))
		return false;
	snprintf(header, ACCOUNT_HEADER_SIZE, "Authorization: Bearer %s", token);
	return true;
}

static Reply
exchange(Sending *sending, Call *call, const char *range, Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {0};
	Session *session = sending->session;
	char bearer[ACCOUNT_HEADER_SIZE];
	char type[160];
	const char *headers[4] = {range};
	size_t count = 1;

	if (!authorization(session, bearer, err))
		return err->class == ERROR_TRANSIENT ? REPLY_UNCLEAR : REPLY_FAILED;
	snprintf(type, sizeof type, "Content-Type: %s", session->media_type);
	if (bearer[0] != '\0')
		headers[count++] = bearer;
	if (call->body_fd >= 0)
		headers[count++] = type;
	call->url = session_uri(session);
	call->shown = SHOWN;
	call->headers = headers;
	call->allow_private = session->youtube->allow_private;
	call->reporter = session->youtube->publication->reporter;
	call->step = session->youtube->step;
	if (!call_run(call, &answer, err))
		return err->class == ERROR_TRANSIENT ? REPLY_UNCLEAR : REPLY_FAILED;
	return judge(sending, &answer, err);
}

static double
fraction_at(const Session *session, int64_t offset)
{
	return session->from + (session->to - session->from) * (double) offset /
							   (double) (session->bytes > 0 ? session->bytes : 1);
}

/* How far are you? */
static Reply
ask_offset(Sending *sending, Error *err)
{
	Call call = CALL("PUT", NULL);
	char range[64];

	snprintf(range, sizeof range, "Content-Range: bytes */%lld",
			 (long long) sending->session->bytes);
	call.body = "";
	call.from = call.to = sending->session->youtube->fraction;
	return exchange(sending, &call, range, err);
}

/* Divides what is left into pieces of one length and a shorter last one. */
static void
plan(Sending *sending)
{
	int64_t units = (sending->session->bytes - sending->offset - 1) / UNIT;
	int64_t most = sending->most / UNIT;
	int64_t count = (units + most - 1) / most;

	sending->length = count > 0 ? units / count * UNIT : UNIT;
	sending->full = units * UNIT / sending->length;
}

/* From here on the video may exist: that is stored before it can be true. */
static bool
prepare_last(const Session *session, Error *err)
{
	YouTube *youtube = session->youtube;

	if (!json_bool(youtube->state, "last", false))
	{
		json_put(youtube->state, "last", cJSON_CreateTrue());
		if (!youtube_save(youtube, err))
			return false;
	}
	return publication_confirm(youtube->publication, "finish the upload to YouTube", err);
}

static Reply
send_piece(Sending *sending, Error *err)
{
	Session *session = sending->session;
	bool is_last = sending->full == 0;
	int64_t length = is_last ? session->bytes - sending->offset : sending->length;
	bool unheard = session->unheard;
	Call call = CALL("PUT", NULL);
	char range[96];
	Reply reply;

	if (is_last && !prepare_last(session, err))
		return REPLY_FAILED;
	session->unheard = unheard || is_last;
	snprintf(range, sizeof range, "Content-Range: bytes %lld-%lld/%lld",
			 (long long) sending->offset, (long long) (sending->offset + length - 1),
			 (long long) session->bytes);
	call.body_fd = session->fd;
	call.body_from = sending->offset;
	call.throughput = session->youtube->publication->throughput;
	if (call.throughput != NULL)
		call.throughput->total = session->bytes;
	call.body_bytes = length;
	call.from = session->youtube->fraction = fraction_at(session, sending->offset);
	call.to = fraction_at(session, sending->offset + length);
	reply = exchange(sending, &call, range, err);
	/* this piece was answered: it made no video */
	if (reply == REPLY_GONE || (reply == REPLY_FAILED && err->status >= 400))
		session->unheard = unheard;
	return reply;
}

/* The offset that was asked for or answered; nothing new after a piece is a failure. */
static bool
note_offset(Sending *sending, bool sent, int64_t expected, Error *err)
{
	bool more = sending->offset > sending->reached;

	if (sent && !more)
		return error_set(err, ERROR_TRANSIENT, "upload_stuck", NULL,
						 "YouTube takes no more bytes of the video");
	if (more)
	{
		sending->tries = 0;
		sending->reached = sending->offset;
	}
	if (sent && sending->most == PIECE_MOST && sending->offset == expected)
		sending->full--;
	else
	{
		if (sent && sending->most < PIECE_MOST)
			sending->most *= 2;
		plan(sending);
	}
	return true;
}

/* After a failure that another try may heal: false when there were enough. */
static bool
wait_for_next(Sending *sending, Error *err)
{
	double pause = 0;

	sending->offset = -1;
	sending->most = PIECE_AFTER;
	sending->tries++;
	if (err->class == ERROR_NONE) /* a new token */
		return sending->tries < TRIES_MOST;
	if (err->class == ERROR_PERMANENT || err->class == ERROR_CREDENTIAL)
		return sending->tries <= REFUSALS_MOST;
	return youtube_may_pass(err, sending->tries, &pause) &&
		   youtube_wait(sending->session->youtube, pause, err);
}

SessionEnd
session_send(Session *session, bool fresh, Error *err)
{
	Sending sending = {.session = session, .offset = fresh ? 0 : -1, .most = PIECE_MOST};

	if (fresh)
		plan(&sending);
	for (;;)
	{
		bool asking = sending.offset < 0;
		int64_t expected = sending.offset + sending.length;
		Reply reply;

		*err = (Error){.class = ERROR_NONE};
		reply = asking ? ask_offset(&sending, err) : send_piece(&sending, err);
		if (reply == REPLY_MORE && !note_offset(&sending, !asking, expected, err))
			reply = REPLY_UNCLEAR;
		if (reply == REPLY_DONE)
			return SESSION_DONE;
		if (reply == REPLY_GONE)
			return SESSION_GONE;
		if (reply == REPLY_FAILED ||
			(reply == REPLY_UNCLEAR && !wait_for_next(&sending, err)))
			return SESSION_FAILED;
	}
}
