/*
 * base/log.h
 *	  One line a message on standard error: time, level, text.
 */
#ifndef LEAP_BASE_LOG_H
#define LEAP_BASE_LOG_H

typedef enum LogLevel
{
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR
} LogLevel;

/* Messages below the level are dropped. The default is LOG_LEVEL_INFO. */
void log_set_level(LogLevel level);

void log_message(LogLevel level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define log_debug(...)   log_message(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...)    log_message(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warning(...) log_message(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_error(...)   log_message(LOG_LEVEL_ERROR, __VA_ARGS__)

#endif
