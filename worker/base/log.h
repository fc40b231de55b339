/*
 * base/log.h
 *	  One line a message on standard error, as text for people or as JSON for programs.
 *
 * A message is about what the process is about (a child: its task) or about what it says
 * itself (a worker: one of its tasks). Secrets have no place in messages.
 */
#ifndef LEAP_BASE_LOG_H
#define LEAP_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

typedef enum LogLevel
{
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR
} LogLevel;

/* What messages are about; empty and 0 are left out. */
typedef struct LogIds
{
	char task[24];
	char run[40];
	char recording[40];
	char correlation[72]; /* of the request that began it */
	int attempt;
} LogIds;

/* A request that was answered, for a line about it. */
typedef struct LogRequest
{
	const char *method;
	const char *path; /* its shape: nothing that a client could mean to be secret */
	int status;
	double seconds;
	const char *user; /* an id; "" for nobody */
} LogRequest;

/* Messages below the level (debug, info, warning, error) are dropped, info is the default;
 * format is text (the default) or json. An unknown name changes nothing. */
void log_set_level(const char *level);
void log_set_format(const char *format);

/* The worker that JSON messages name, until the process ends. */
void log_set_worker(const char *name);

/* What all messages of this process are about from now on. */
void log_set_ids(const LogIds *ids);

/*
 * All of this as a text of lines, for another program that writes to the same log, and
 * back. ids NULL: those of this process. False: nothing but what any program begins with.
 * log_configure leaves out what it does not know.
 */
bool log_describe(const LogIds *ids, char *text, size_t size);
void log_configure(const char *text);

#define LOG_DESCRIPTION_SIZE 512

/* ids NULL: those of this process. */
void log_message(const LogIds *ids, LogLevel level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A line with members of their own in JSON; ids->correlation is the request's id. An error of
 * the server is an error, the rest is for information. */
void log_request(const LogIds *ids, const LogRequest *request);

#define log_debug(...)   log_message(NULL, LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...)    log_message(NULL, LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warning(...) log_message(NULL, LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_error(...)   log_message(NULL, LOG_LEVEL_ERROR, __VA_ARGS__)

#endif
