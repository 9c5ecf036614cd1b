#!/bin/sh
# Written by nslab for this lab host: you are root already, so this just runs the command.
user= shell=
while [ $# -gt 0 ]; do
    case $1 in
    -u | --user) user=$2; shift ;;
    --user=*) user=${1#--user=} ;;
    -u?*) user=${1#-u} ;;
    -g | -h | -p | -C | -D | -R | -T | --group | --host | --prompt) shift ;;
    -i | -s | --login | --shell) shell=1 ;;
    -v | -k | -K | --validate) exit 0 ;;
    -[ghpCDRT]?*) ;;
    # Several in one word: -iu USER, -iuUSER.
    -[!-]*u*)
        case ${1%%u*} in *[is]*) shell=1 ;; esac
        user=${1#*u}
        [ -n "$user" ] || { user=$2; shift; }
        ;;
    -[!-]*[is]*) shell=1 ;;
    --) shift; break ;;
    -*) ;;
    *=*) export "$1" ;;
    *) break ;;
    esac
    shift
done
if [ $# -gt 0 ]; then
    [ -z "$shell" ] || set -- "${SHELL:-sh}" -c "$*"
elif [ -n "$shell" ]; then
    set -- "${SHELL:-sh}"
else
    echo "usage: sudo [-u USER] COMMAND" >&2
    exit 1
fi
case $user in
"" | root | "#0") exec "$@" ;;
*) exec setpriv --reuid "${user#\#}" --regid "$(id -g "${user#\#}")" --clear-groups "$@" ;;
esac
