/*
 * net/s3_xml.c
 *	  The XML that S3 answers with.
 */
#include "net/s3_xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct S3Xml
{
	xmlDoc document;
};

/* None is needed; those that are declared are for harm. */
static void
refuse_entity(void *arg, const xmlChar *name, int type, const xmlChar *public_id,
			  const xmlChar *system_id, xmlChar *content)
{
	(void) name;
	(void) type;
	(void) public_id;
	(void) system_id;
	(void) content;
	xmlStopParser(arg);
}

S3Xml *
s3_xml_read(const char *text, size_t length)
{
	xmlParserCtxtPtr context = xmlNewParserCtxt();
	xmlDocPtr document = NULL;

	if (context == NULL || text == NULL || length > INT_MAX)
	{
		xmlFreeParserCtxt(context);
		return NULL;
	}
	context->sax->entityDecl = refuse_entity;
	document =
		xmlCtxtReadMemory(context, text, (int) length, NULL, NULL,
						  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
							  XML_PARSE_NOCDATA | XML_PARSE_COMPACT);
	if (document != NULL && !context->wellFormed)
	{
		xmlFreeDoc(document);
		document = NULL;
	}
	xmlFreeParserCtxt(context);
	return (S3Xml *) document;
}

void
s3_xml_free(S3Xml *xml)
{
	xmlFreeDoc((xmlDocPtr) xml);
}

static const S3Node *
first(const S3Node *node, const char *name)
{
	while (node != NULL && (node->type != XML_ELEMENT_NODE ||
							strcmp((const char *) node->name, name) != 0))
		node = node->next;
	return node;
}

const S3Node *
s3_xml_root(const S3Xml *xml, const char *name)
{
	return xml != NULL ? first(xml->document.children, name) : NULL;
}

const S3Node *
s3_xml_child(const S3Node *node, const char *name)
{
	return node != NULL ? first(node->children, name) : NULL;
}

const S3Node *
s3_xml_next(const S3Node *node, const char *name)
{
	return first(node->next, name);
}

bool
s3_xml_text(const S3Node *node, const char *name, char *text, size_t size)
{
	const S3Node *child = s3_xml_child(node, name);
	xmlChar *content = child != NULL ? xmlNodeGetContent(child) : NULL;
	int length;

	text[0] = '\0';
	if (content == NULL)
		return false;
	length = snprintf(text, size, "%s", (const char *) content);
	xmlFree(content);
	return length >= 0 && (size_t) length < size;
}

int64_t
s3_xml_number(const S3Node *node, const char *name)
{
	char text[24];
	size_t digits;

	if (!s3_xml_text(node, name, text, sizeof text))
		return -1;
	digits = strspn(text, "0123456789");
	return digits > 0 && digits < 19 && text[digits] == '\0' ? strtoll(text, NULL, 10)
															 : -1;
}
