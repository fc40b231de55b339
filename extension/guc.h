/*
 * guc.h
 *	  The settings leap.*: declared here and nowhere else.
 */
#ifndef LEAP_GUC_H
#define LEAP_GUC_H

void guc_init(void);

#endif
