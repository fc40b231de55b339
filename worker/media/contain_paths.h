/*
 * media/contain_paths.h
 *	  A process that can open no file by its name any more (Landlock).
 */
#ifndef LEAP_MEDIA_CONTAIN_PATHS_H
#define LEAP_MEDIA_CONTAIN_PATHS_H

#include "base/error.h"

/*
 * From now on this process and its threads open, make, change and remove no file by a name,
 * connect no TCP socket, and send signals to nobody outside. What lies below readable_folder
 * (NULL: nothing) may still be read. Descriptors that are open stay as they are.
 *
 * *version receives that of the kernel's Landlock, 0 where it has none: then nothing is
 * given up, and that is no error. The process must have given up new privileges before.
 */
bool contain_paths(const char *readable_folder, int *version, Error *err);

#endif
