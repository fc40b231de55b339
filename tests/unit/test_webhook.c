/* sources: net/webhook_sign.c base/buffer.c base/error.c base/utf8.c */
/* libs: libcjson libcrypto */
/*
 * tests/unit/test_webhook.c
 *	  Signatures of webhooks: the specification's example, and secrets and ids that are none.
 */
#include <string.h>

#include "net/webhook.h"
#include "tap.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

static bool
refuses(const char *secret, const char *id)
{
	const Webhook webhook = {.id = id, .secret = secret, .body = "{}", .timestamp = 1};
	char signature[WEBHOOK_SIGNATURE_SIZE];
	Error err = {0};

	return !webhook_sign(&webhook, signature, &err) &&
		   strcmp(err.code, "bad_message") == 0 && strstr(err.message, "MfKQ") == NULL;
}

int
main(void)
{
	const Webhook webhook = {.id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
							 .secret = SECRET,
							 .body = "{\"test\": 2432232314}",
							 .timestamp = 1614265330};
	char signature[WEBHOOK_SIGNATURE_SIZE];

	ok(webhook_sign(&webhook, signature, NULL), "the example of the specification");
	is_str(signature,
		   "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "is signed as it says");
	ok(refuses("", "a"), "no secret");
	ok(refuses("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a"), "a secret without its prefix");
	ok(refuses("whsec_MfKQ", "a"), "a secret that is too short");
	ok(refuses("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "a"),
	   "a secret that is no base64");
	ok(refuses("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa*w", "a"), "nor that");
	ok(refuses("whsec_"
			   "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GK"
			   "YqrTwjUPD8ILPZIo2LaLaSw",
			   "a"),
	   "a secret that is too long");
	ok(refuses(SECRET, ""), "no id");
	ok(refuses(SECRET, "a\r\nX-Evil: 1"), "an id with a line end");
	ok(refuses(SECRET, "a.b"), "an id with a dot, which parts what is signed");
	return done_testing();
}
