/*
 * http/metrics_page.c
 *	  Putting the page together.
 */
#include "http/metrics_page.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"

/* A page this young is given again: several may ask at once. */
#define FRESH_SECONDS 1.0

static bool
connect_database(MetricsPage *page, Error *err)
{
	return page->db != NULL ||
		   (db_open(page->settings->database, "leap metrics", &page->db, err) &&
			db_script(page->db, "SET statement_timeout = '5s'", err));
}

/* Appends what the database says; false when it does not answer. */
static bool
put_database(MetricsPage *page, Error *err)
{
	CLEANUP(rows) DbRows *rows = NULL;
	const char *text;

	if (!connect_database(page, err) ||
		!db_call(page->db, "SELECT leap.metrics()", NULL, 0, &rows, err))
		return false;
	text = rows_text(rows, 0, 0);
	buffer_append(&page->text, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
	return true;
}

/* The next call connects anew. */
static void
disconnect(MetricsPage *page, const Error *err)
{
	log_warning("metrics: %s", err->message);
	if (page->db != NULL)
		db_close(page->db);
	page->db = NULL;
}

static void
put_answers(MetricsPage *page)
{
	double began = clock_seconds();
	Error err = {0};
	bool up = put_database(page, &err);

	if (!up)
		disconnect(page, &err);
	metrics_put(&page->text, "leap_up", "gauge", "Whether the database answered.", up);
	metrics_put(&page->text, "leap_scrape_seconds", "gauge",
				"How long the database took.", clock_seconds() - began);
}

const Buffer *
metrics_page(MetricsPage *page)
{
	if (page->made_at > 0 && clock_seconds() < page->made_at + FRESH_SECONDS)
		return &page->text;
	buffer_clear(&page->text);
	if (page->settings->database != NULL)
		put_answers(page);
	page->settings->source.put(&page->text, page->settings->source.arg);
	page->made_at = clock_seconds();
	return &page->text;
}

bool
metrics_page_database(MetricsPage *page)
{
	CLEANUP(rows) DbRows *rows = NULL;
	Error err = {0};

	if (page->settings->database == NULL)
		return true;
	if (connect_database(page, &err) &&
		db_call(page->db, "SELECT 1", NULL, 0, &rows, &err))
		return true;
	disconnect(page, &err);
	return false;
}
