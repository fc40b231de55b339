/*
 * task/desk_question.h
 *	  Questions of the children (may I go on? keep this state), to the database and back.
 */
#ifndef LEAP_TASK_DESK_QUESTION_H
#define LEAP_TASK_DESK_QUESTION_H

#include "task/desk.h"

/* Passes on what the database has not seen yet. */
void questions_send(Desk *desk);

/* Answers no where the database was silent for longer than a lease lives: the child must
 * not do what cannot be undone. */
void questions_refuse_unheard(Desk *desk, double now);

#endif
