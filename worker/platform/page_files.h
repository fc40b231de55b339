/*
 * platform/page_files.h
 *	  The files of worker/page, inside the program: publishing needs nothing but itself.
 */
#ifndef LEAP_PLATFORM_PAGE_FILES_H
#define LEAP_PLATFORM_PAGE_FILES_H

/* Each is the whole file and a zero. */
extern const char page_lesson_html[];
extern const char page_lesson_css[];
extern const char page_lesson_js[];
extern const char page_library_html[];

#endif
