/*
 * seal.c
 *	  Sealed boxes: what is put in here only the holder of a private key takes out.
 *
 * crypto_box_seal() of libsodium makes a pair of keys for each box and forgets its private
 * half, so not even the database that made the box opens it again. The keys of workers are
 * rows of leap.worker_keys; their private halves never come to the server.
 */
#include "postgres.h"

#include <sodium.h>

#include "fmgr.h"

PG_FUNCTION_INFO_V1(leap_seal_to);

/* leap.seal_to(message bytea, public_key bytea) returns bytea: 48 bytes longer than the message */
Datum
leap_seal_to(PG_FUNCTION_ARGS)
{
	bytea *message = PG_GETARG_BYTEA_PP(0);
	bytea *key = PG_GETARG_BYTEA_PP(1);
	Size length = VARSIZE_ANY_EXHDR(message);
	bytea *box = NULL;

	if (VARSIZE_ANY_EXHDR(key) != crypto_box_PUBLICKEYBYTES)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a public key has %d bytes, not %zu",
							   (int) crypto_box_PUBLICKEYBYTES,
							   (size_t) VARSIZE_ANY_EXHDR(key))));
	if (sodium_init() < 0)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("no random numbers")));
	box = palloc(VARHDRSZ + length + crypto_box_SEALBYTES);
	SET_VARSIZE(box, VARHDRSZ + length + crypto_box_SEALBYTES);
	/* some 32 bytes are no key: with them everybody could open the box */
	if (crypto_box_seal((unsigned char *) VARDATA(box),
						(const unsigned char *) VARDATA_ANY(message), length,
						(const unsigned char *) VARDATA_ANY(key)) != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("these bytes are no public key")));
	PG_RETURN_BYTEA_P(box);
}
