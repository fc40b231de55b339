/*
 * net/s3_xml.h
 *	  The XML that S3 answers with, read by libxml2 without entities and without the network.
 *
 * Names are compared without their namespace: services put different ones there, or none.
 */
#ifndef LEAP_NET_S3_XML_H
#define LEAP_NET_S3_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

typedef struct S3Xml S3Xml;
typedef struct _xmlNode S3Node; /* an element of the document, which it lives with */

/* The document; NULL when it is none, or one that declares entities. s3_xml_free. */
S3Xml *s3_xml_read(const char *text, size_t length);
void s3_xml_free(S3Xml *xml);

/* Its outermost element, if that has this name; else NULL. */
const S3Node *s3_xml_root(const S3Xml *xml, const char *name);

/* The first element of that name in another, and the next one beside it; NULL = none. */
const S3Node *s3_xml_child(const S3Node *node, const char *name);
const S3Node *s3_xml_next(const S3Node *node, const char *name);

/* The text of a child, cut to size; "" when there is none. True when it was there, whole. */
bool s3_xml_text(const S3Node *node, const char *name, char *text, size_t size);

/* The same, a whole number; -1 when it is none. */
int64_t s3_xml_number(const S3Node *node, const char *name);

/* For CLEANUP(s3_xml). */
static inline void
cleanup_s3_xml(S3Xml **xml)
{
	s3_xml_free(*xml);
}

#endif
