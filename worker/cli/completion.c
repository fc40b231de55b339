/*
 * cli/completion.c
 *	  leap completion: the few lines by which a shell asks `leap complete`.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/session.h"

/* bash breaks words at "=": they are put together again, and answers are taken apart. */
static const char bash[] =
	"# bash completion for leap: printed by `leap completion bash`\n"
	"_leap()\n"
	"{\n"
	"    local words=() value before='' i\n"
	"    for ((i = 1; i <= COMP_CWORD; i++))\n"
	"    do\n"
	"        if [[ ${#words[@]} -gt 0 && ${words[-1]} == --* &&\n"
	"              ( ${COMP_WORDS[i]} == '=' || ${words[-1]} == *= ) ]]\n"
	"        then\n"
	"            words[-1]+=${COMP_WORDS[i]}\n"
	"        else\n"
	"            words+=(\"${COMP_WORDS[i]}\")\n"
	"        fi\n"
	"    done\n"
	"    [[ ${words[-1]} != --*=* ]] || before=${words[-1]%%=*}=\n"
	"    COMPREPLY=()\n"
	"    while IFS=$'\\t' read -r value _\n"
	"    do\n"
	"        case $value in\n"
	"            :file)\n"
	"                compopt -o filenames\n"
	"                mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "
	"\"${words[-1]#\"$before\"}\")\n"
	"                ;;\n"
	"            *=)\n"
	"                compopt -o nospace\n"
	"                COMPREPLY+=(\"$value\")\n"
	"                ;;\n"
	"            *)\n"
	"                COMPREPLY+=(\"$(printf %q \"${value#\"$before\"}\")\")\n"
	"                ;;\n"
	"        esac\n"
	"    done < <(\"${COMP_WORDS[0]}\" complete -- \"${words[@]}\" 2>/dev/null)\n"
	"}\n"
	"complete -F _leap leap\n";

/* An answer that does not begin with what was typed, a name's id, takes its place (-U). */
static const char zsh[] =
	"#compdef leap\n"
	"# zsh completion for leap: printed by `leap completion zsh`\n"
	"_leap()\n"
	"{\n"
	"    local line value before=''\n"
	"    local -a plain other open answers\n"
	"    answers=(\"${(@f)$(\"${words[1]}\" complete -- \"${(@Q)words[2,CURRENT]}\" "
	"2>/dev/null)}\")\n"
	"    if [[ ${words[CURRENT]} == --*=* ]]\n"
	"    then\n"
	"        before=${words[CURRENT]%%=*}=\n"
	"        compset -P '*='\n"
	"    fi\n"
	"    for line in $answers\n"
	"    do\n"
	"        value=${${line%%$'\\t'*}#$before}\n"
	"        line=${value//:/\\\\:}:${line#*$'\\t'}\n"
	"        case $value in\n"
	"            :file) _files ;;\n"
	"            *=) open+=(\"$line\") ;;\n"
	"            ${(Q)PREFIX}*) plain+=(\"$line\") ;;\n"
	"            *) other+=(\"$line\") ;;\n"
	"        esac\n"
	"    done\n"
	"    (( ! $#open )) || _describe option open -S ''\n"
	"    (( ! $#plain )) || _describe value plain\n"
	"    (( ! $#other )) || _describe value other -U\n"
	"}\n"
	"if [[ ${zsh_eval_context[-1]} == loadautofunc ]]\n"
	"then\n"
	"    _leap \"$@\"\n"
	"else\n"
	"    compdef _leap leap\n"
	"fi\n";

ExitCode
completion_command(const Options *options, int argc, char **argv)
{
	const char *script = argc != 1                      ? NULL
						 : strcmp(argv[0], "bash") == 0 ? bash
						 : strcmp(argv[0], "zsh") == 0  ? zsh
														: NULL;

	(void) options;
	if (script == NULL)
		return session_usage("completion", "say for which shell: bash or zsh");
	fputs(script, stdout);
	return EXIT_DONE;
}
