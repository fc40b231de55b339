/*
 * source/entries_feed.c
 *	  RSS 2.0 and Atom (RFC 4287), by libxml2.
 *
 * No entity can be declared, so none can grow or lead to a file; nothing is fetched.
 */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "source/entries.h"
#include "source/moment.h"

#define DEEPEST 64 /* of what is searched for entries */

static void
cleanup_context(xmlParserCtxtPtr *context)
{
	xmlFreeParserCtxt(*context);
}

static void
cleanup_document(xmlDocPtr *document)
{
	xmlFreeDoc(*document);
}

static void
cleanup_text(xmlChar **text)
{
	xmlFree(*text);
}

/* A feed needs no entities of its own: only those who want to do harm declare some. */
static void
refuse_entity(void *arg, const xmlChar *name, int type, const xmlChar *public_id,
			  const xmlChar *system_id, xmlChar *content)
{
	xmlParserCtxtPtr context = arg;

	(void) name;
	(void) type;
	(void) public_id;
	(void) system_id;
	(void) content;
	xmlStopParser(context);
}

static bool
is_named(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *) node->name, name) == 0;
}

/* The first child of that name, of any namespace: "itunes:duration" is a duration. */
static const xmlNode *
child(const xmlNode *node, const char *name)
{
	for (const xmlNode *at = node->children; at != NULL; at = at->next)
		if (is_named(at, name))
			return at;
	return NULL;
}

/* The text of the first of these children that is there; the caller frees it. */
static xmlChar *
text_of(const xmlNode *node, const char *const *names)
{
	for (; *names != NULL; names++)
	{
		const xmlNode *found = child(node, *names);

		if (found != NULL)
			return xmlNodeGetContent(found);
	}
	return NULL;
}

#define TEXT_OF(node, ...) text_of(node, (const char *const[]){__VA_ARGS__, NULL})

static bool
is_media(const char *type)
{
	return type == NULL || strncmp(type, "video/", 6) == 0 ||
		   strncmp(type, "audio/", 6) == 0 ||
		   strcmp(type, "application/octet-stream") == 0 || type[0] == '\0';
}

/* <enclosure url>, <link rel="enclosure" href>, <media:content url>: the first that can be
 * seen or heard. */
static const xmlNode *
enclosure_of(const xmlNode *entry)
{
	for (const xmlNode *at = entry->children; at != NULL; at = at->next)
	{
		CLEANUP(text) xmlChar *type = NULL;
		CLEANUP(text) xmlChar *rel = NULL;

		if (!is_named(at, "enclosure") && !is_named(at, "link") &&
			!is_named(at, "content"))
			continue;
		type = xmlGetNoNsProp(at, BAD_CAST "type");
		rel = xmlGetNoNsProp(at, BAD_CAST "rel");
		if (is_named(at, "link") &&
			(rel == NULL || strcmp((const char *) rel, "enclosure") != 0))
			continue;
		if (is_named(at, "content") && xmlHasProp(at, BAD_CAST "url") == NULL)
			continue;
		if (is_media((const char *) type))
			return at;
	}
	return NULL;
}

static int64_t
size_of(const xmlChar *text)
{
	const char *digits = (const char *) text;
	size_t length = text != NULL ? strlen(digits) : 0;

	/* many feeds say 0 for what they do not know */
	return length >= 1 && length <= 15 && strspn(digits, "0123456789") == length &&
				   strspn(digits, "0") < length
			   ? strtoll(digits, NULL, 10)
			   : -1;
}

static bool
take_entry(const xmlNode *node, const EntryReader *reader)
{
	const xmlNode *enclosure = enclosure_of(node);
	CLEANUP(text) xmlChar *url = NULL;
	CLEANUP(text) xmlChar *id = TEXT_OF(node, "guid", "id");
	CLEANUP(text) xmlChar *title = TEXT_OF(node, "title");
	CLEANUP(text) xmlChar *author = TEXT_OF(node, "author", "creator");
	CLEANUP(text)
	xmlChar *date = TEXT_OF(node, "pubDate", "published", "updated", "date");
	CLEANUP(text) xmlChar *duration = TEXT_OF(node, "duration");
	CLEANUP(text) xmlChar *bytes = NULL;
	Entry entry = ENTRY_UNKNOWN;

	if (enclosure == NULL)
		return true; /* an article without anything to hear */
	url = xmlGetNoNsProp(enclosure,
						 is_named(enclosure, "link") ? BAD_CAST "href" : BAD_CAST "url");
	bytes = xmlGetNoNsProp(enclosure, is_named(enclosure, "content") ? BAD_CAST "fileSize"
																	 : BAD_CAST "length");
	if (url == NULL)
		return true;
	entry.url = (const char *) url;
	entry.id = (const char *) id;
	entry.title = (const char *) title;
	entry.author = (const char *) author;
	entry.start_time = date != NULL ? moment_read((const char *) date) : -1;
	entry.duration = duration != NULL ? moment_read_length((const char *) duration) : -1;
	entry.bytes = size_of(bytes);
	return reader->take(reader->arg, &entry);
}

/* The entries, wherever below the root they are; false = enough. */
static bool
search(const xmlNode *node, int depth, const EntryReader *reader)
{
	for (const xmlNode *at = node->children; at != NULL; at = at->next)
	{
		if (is_named(at, "item") || is_named(at, "entry"))
		{
			if (!take_entry(at, reader))
				return false;
		}
		else if (at->type == XML_ELEMENT_NODE && depth < DEEPEST &&
				 !search(at, depth + 1, reader))
			return false;
	}
	return true;
}

/* <link rel="next" href> of the feed itself: of Atom, or of Atom's namespace in a channel. */
static void
tell_next(const xmlNode *feed, const EntryReader *reader)
{
	for (const xmlNode *at = feed->children; at != NULL; at = at->next)
	{
		CLEANUP(text) xmlChar *rel = NULL;
		CLEANUP(text) xmlChar *href = NULL;

		if (!is_named(at, "link"))
			continue;
		rel = xmlGetNoNsProp(at, BAD_CAST "rel");
		href = xmlGetNoNsProp(at, BAD_CAST "href");
		if (rel == NULL || href == NULL || strcmp((const char *) rel, "next") != 0)
			continue;
		reader->next(reader->arg, (const char *) href);
		return;
	}
}

static bool
is_feed(const xmlNode *root)
{
	return root != NULL &&
		   (is_named(root, "rss") || is_named(root, "feed") || is_named(root, "RDF"));
}

bool
entries_read_feed(const char *text, size_t length, const EntryReader *reader, Error *err)
{
	CLEANUP(context) xmlParserCtxtPtr context = xmlNewParserCtxt();
	CLEANUP(document) xmlDocPtr document = NULL;
	const xmlError *fault;
	const xmlNode *feed;

	if (context == NULL || length > 1 << 30)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "cannot read a feed");
	context->sax->entityDecl = refuse_entity;
	document =
		xmlCtxtReadMemory(context, text, (int) length, NULL, NULL,
						  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
							  XML_PARSE_NOCDATA | XML_PARSE_COMPACT);
	fault = xmlCtxtGetLastError(context);
	if (document == NULL || !context->wellFormed)
		return error_set(
			err, ERROR_INPUT, "bad_list", "Look at the feed with a validator.",
			"the feed cannot be read: line %d: %.200s", fault != NULL ? fault->line : 0,
			fault != NULL && fault->message != NULL ? fault->message
													: "not allowed here");
	if (!is_feed(xmlDocGetRootElement(document)))
		return error_set(err, ERROR_INPUT, "bad_list",
						 "A list is a feed (RSS or Atom), JSON, CSV or text.",
						 "the list is XML, but neither RSS nor Atom");
	feed = xmlDocGetRootElement(document);
	if (!search(feed, 0, reader) || reader->next == NULL)
		return true;
	tell_next(is_named(feed, "feed") || child(feed, "channel") == NULL
				  ? feed
				  : child(feed, "channel"),
			  reader);
	return true;
}
