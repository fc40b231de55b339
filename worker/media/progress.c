/*
 * media/progress.c
 *	  Progress lines.
 */
#include "media/progress.h"

#include <stdio.h>
#include <unistd.h>

void
progress_report(Progress *progress, double fraction)
{
	char line[16];
	int percent = fraction >= 1.0 ? 100 : fraction > 0.0 ? (int) (fraction * 100.0) : 0;
	int length;

	if (progress->fd < 0 || percent <= progress->percent)
		return;
	progress->percent = percent;
	length = snprintf(line, sizeof line, "%.2f\n", percent / 100.0);
	/* a listener that went away is not this program's business */
	if (write(progress->fd, line, (size_t) length) < 0)
		progress->fd = -1;
}
