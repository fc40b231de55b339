/*
 * net/authorities.c
 *	  The machine's list of authorities, read once.
 *
 * libcurl reads and takes apart all of them for each connection. Here the first connection's
 * list is kept, and given to the others, which then read none: without it they would trust
 * nobody.
 */
#include "net/authorities.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/ssl.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static X509_STORE *known; /* of this process; NULL = nobody has read them yet */

/* A connection's TLS is about to begin; list is NULL where libcurl has read one for it. */
static CURLcode
take_context(CURL *curl, void *context, void *list)
{
	(void) curl;
	if (list != NULL)
	{
		SSL_CTX_set1_cert_store(context, list);
		return CURLE_OK;
	}
	(void) pthread_mutex_lock(&lock);
	if (known == NULL)
	{
		known = SSL_CTX_get_cert_store(context);
		(void) X509_STORE_up_ref(known);
	}
	(void) pthread_mutex_unlock(&lock);
	return CURLE_OK;
}

/* Only of this library is it known what a context is. */
static bool
is_openssl(void)
{
	const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);

	return version->ssl_version != NULL &&
		   strncmp(version->ssl_version, "OpenSSL/", 8) == 0;
}

void
authorities_set(CURL *curl)
{
	X509_STORE *list;

	if (!is_openssl())
		return;
	(void) pthread_mutex_lock(&lock);
	list = known;
	(void) pthread_mutex_unlock(&lock);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, take_context);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, list);
	if (list == NULL)
		return;
	curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
}
