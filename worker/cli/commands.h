/*
 * cli/commands.h
 *	  The functions behind the table of commands.
 */
#ifndef LEAP_CLI_COMMANDS_H
#define LEAP_CLI_COMMANDS_H

#include "cli/cli.h"

ExitCode help_command(const Options *options, int argc, char **argv);
ExitCode completion_command(const Options *options, int argc, char **argv);
ExitCode complete_command(const Options *options, int argc, char **argv);
ExitCode man_command(const Options *options, int argc, char **argv);
ExitCode top_command(const Options *options, int argc, char **argv);
ExitCode add_command(const Options *options, int argc, char **argv);
ExitCode list_command(const Options *options, int argc, char **argv);
ExitCode show_command(const Options *options, int argc, char **argv);
ExitCode watch_command(const Options *options, int argc, char **argv);
ExitCode run_command_of(const Options *options, int argc, char **argv);
ExitCode retry_command(const Options *options, int argc, char **argv);
ExitCode unpublish_command(const Options *options, int argc, char **argv);
ExitCode search_command(const Options *options, int argc, char **argv);
ExitCode transcript_command(const Options *options, int argc, char **argv);
ExitCode topics_command(const Options *options, int argc, char **argv);
ExitCode captions_command(const Options *options, int argc, char **argv);
ExitCode cancel_command(const Options *options, int argc, char **argv);
ExitCode prioritize_command(const Options *options, int argc, char **argv);
ExitCode pause_command(const Options *options, int argc, char **argv);
ExitCode resume_command(const Options *options, int argc, char **argv);
ExitCode accept_command(const Options *options, int argc, char **argv);
ExitCode delete_command(const Options *options, int argc, char **argv);
ExitCode restore_command(const Options *options, int argc, char **argv);
ExitCode purge_command(const Options *options, int argc, char **argv);
ExitCode expire_command(const Options *options, int argc, char **argv);
ExitCode tasks_command(const Options *options, int argc, char **argv);
ExitCode task_command(const Options *options, int argc, char **argv);
ExitCode formats_command(const Options *options, int argc, char **argv);
ExitCode source_command(const Options *options, int argc, char **argv);
ExitCode credential_command(const Options *options, int argc, char **argv);
ExitCode keys_command(const Options *options, int argc, char **argv);
ExitCode app_command(const Options *options, int argc, char **argv);
ExitCode endpoint_command(const Options *options, int argc, char **argv);
ExitCode queues_command(const Options *options, int argc, char **argv);
ExitCode queue_command(const Options *options, int argc, char **argv);
ExitCode audit_command(const Options *options, int argc, char **argv);
ExitCode workers_command(const Options *options, int argc, char **argv);
ExitCode user_command(const Options *options, int argc, char **argv);
ExitCode deploy_command(const Options *options, int argc, char **argv);
ExitCode media_command(const Options *options, int argc, char **argv);
ExitCode mail_command(const Options *options, int argc, char **argv);
ExitCode storage_command(const Options *options, int argc, char **argv);

/* leap doctor storage */
ExitCode doctor_storage(const Options *options);
ExitCode doctor_command(const Options *options, int argc, char **argv);

#endif
