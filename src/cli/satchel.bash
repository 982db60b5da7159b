# SPDX-License-Identifier: MIT
# Completion for bash. What there is to complete, the command itself tells: its own help, and its configuration's sections.

_satchel_options() {
    "$1" "$2" --help 2>/dev/null | grep -oE '^ +(-[a-z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+'
}

_satchel_accounts() {
    local file=${SATCHEL_CONFIG:-${XDG_CONFIG_HOME:-$HOME/.config}/satchel/config}
    sed -nE 's/^[[:space:]]*account[[:space:]]+"?([^" {]+).*/\1/p' "$file" 2>/dev/null
}

_satchel() {
    local program=$1 word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words
    if ((COMP_CWORD == 1)); then
        words=$("$program" help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p')
    elif [[ $word == -* ]]; then
        words=$(_satchel_options "$program" "$command")
    else
        case $command in
        fetch | list | show | top | delete | check | caps | status) words=$(_satchel_accounts) ;;
        config) words='check init keys' ;;
        state) words='list rename forget' ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -o default -F _satchel satchel
