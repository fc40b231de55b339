/*
 * floor.h
 *	  Start-up of the floors of leases.
 */
#ifndef LEAP_FLOOR_H
#define LEAP_FLOOR_H

/* Registers the callbacks that forget floors when a transaction is undone. */
void floor_init(void);

#endif
