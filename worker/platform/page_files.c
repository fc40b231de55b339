/*
 * platform/page_files.c
 *	  The files of worker/page, inside the program. The assembler reads them (its search
 *	  path is the compiler's -I), so they stay what their editors and linters know.
 */
#include "platform/page_files.h"

#define INCLUDE_FILE(symbol, file)               \
	__asm__(".pushsection .rodata\n"             \
			".globl " #symbol "\n" #symbol ":\n" \
			".incbin \"" file "\"\n"             \
			".byte 0\n"                          \
			".popsection\n")

INCLUDE_FILE(page_lesson_html, "page/lesson.html");
INCLUDE_FILE(page_lesson_css, "page/lesson.css");
INCLUDE_FILE(page_lesson_js, "page/lesson.js");
INCLUDE_FILE(page_library_html, "page/library.html");
