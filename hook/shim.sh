# Runs `sot hook run STAGE`. `sot hook install` wrote this file, and `sot hook
# uninstall` takes it away: changes of yours belong into STAGE.before-sot beside
# it, which runs first, and whose exit code counts.

before=${0%/*}/STAGE.before-sot
recorded=BINARY
#pre-push
# git names what is pushed on standard input: both hooks read it.
input=$(cat)
feed() { if [ -n "$input" ]; then printf '%s\n' "$input"; fi; }

if [ -f "$before" ] && [ -x "$before" ]; then
    feed | "$before" "$@" || exit $?
fi
#others
if [ -f "$before" ] && [ -x "$before" ]; then
    "$before" "$@" || exit $?
fi
#all
if [ "${SOT_SKIP-}" = 1 ]; then
    echo 'sot: skipped by SOT_SKIP=1' >&2
    exit 0
fi

is_there() { [ -n "$1" ] && [ -f "$1" ] && [ -x "$1" ]; }

# The path that was installed from, then the PATH, then where Go and package
# managers put programs: a graphical client may start hooks with a bare PATH.
find_sot() {
    sot=$recorded
    is_there "$sot" && return
    sot=$(command -v sot 2> /dev/null)
    is_there "$sot" && return
    gobin=$(go env GOBIN 2> /dev/null)
    gopath=$(go env GOPATH 2> /dev/null)
    case $gopath in
        *\\*) gopath=${gopath%%;*} ;;
        *) gopath=${gopath%%:*} ;;
    esac
    for dir in "$gobin" "$gopath/bin" "${HOME-}/go/bin" "${HOME-}/.local/bin" "${HOME-}/bin" \
        /usr/local/bin /usr/local/go/bin /opt/homebrew/bin /home/linuxbrew/.linuxbrew/bin; do
        for sot in "$dir/sot" "$dir/sot.exe"; do
            [ -n "$dir" ] && is_there "$sot" && return
        done
    done
    return 1
}

if ! find_sot; then
    {
        echo 'sot: the STAGE hook cannot find sot, so that nothing was checked, and git was stopped'
        if [ -n "$recorded" ]; then printf '  it was %s, and is not on the PATH or in the usual places\n' "$recorded"; fi
        echo '  install it:             go install github.com/sot-validator/sot/cmd/sot@latest'
        echo '  go on this once:        SOT_SKIP=1 git ...   (or --no-verify)'
        if [ -f "$before" ]; then
            printf "  remove the hook:        mv '%s' '%s'\n" "$before" "$0"
        else
            printf "  remove the hook:        rm '%s'\n" "$0"
        fi
    } >&2
    exit 1
fi
#pre-push
feed | "$sot" hook run STAGE "$@"
#others
exec "$sot" hook run STAGE "$@"
