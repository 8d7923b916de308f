#!/usr/bin/env bash
# Measures what git hooks that fix files do to work that is not staged: sot,
# lint-staged, pre-commit and lefthook, each with the same fix (no white space at
# line ends), on the same random half-staged repositories.
#
#   docs/safety.sh [STATES [KILLS]]
#
# STATES (default 100) commits are run to their end, and KILLS (default 100)
# are killed with SIGKILL, the whole process group, at a random moment of the
# hook. What is not installed is left out, and said. It needs bash, git, GNU sed
# and setsid. Work is done below TMPDIR.
#   SOT="sot hook run pre-commit --fix"   npm install lint-staged lefthook
#   TOOLS="sot sot-command lint-staged lefthook pre-commit"
#   LINT_STAGED=lint-staged  LEFTHOOK=lefthook  PRE_COMMIT=pre-commit
set -euo pipefail

states=${1:-100} kills=${2:-100}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null LC_ALL=C HOME=$work/home PRE_COMMIT_HOME=$work/pre-commit
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
export LEFTHOOK_QUIET=meta CI=
mkdir "$HOME"

cat > "$work/strip" <<'EOF'
#!/bin/sh
# The fix. It takes its time where it is to be killed, as real fixers do. For
# pre-commit it fails where it changed something.
changed=0
sleep "${SLEEP:-0}"
for f; do
    if grep -q '[[:blank:]]$' -- "$f"; then sed -i 's/[[:blank:]]*$//' -- "$f"; changed=${FAIL:-0}; fi
done
exit "$changed"
EOF
printf '#!/bin/sh\n! grep -n "[[:blank:]]$" -- "$@"\n' > "$work/check"
chmod +x "$work/strip" "$work/check"

# Each writes the configuration of a tool into the repository, and its hook.
set_up() {
    local hook=$repo/.git/hooks/pre-commit run
    case $1 in
    sot)
        printf 'version: 1\nrules:\n  - use: trailing-whitespace\n' > "$repo/sot.yaml"
        run=${SOT:-sot hook run pre-commit --fix} ;;
    sot-command) # the others' fix, as a command
        printf 'version: 1\nrules:\n  - id: strip\n    files: "*.txt"\n    command: { run: "%s {files}", fix: "%s {files}", parse: none }\n' "$work/check" "$work/strip" > "$repo/sot.yaml"
        run=${SOT:-sot hook run pre-commit --fix} ;;
    lint-staged)
        printf '{"*.txt": "%s"}\n' "$work/strip" > "$repo/.lintstagedrc.json"
        run="${LINT_STAGED:-lint-staged} --quiet" ;;
    lefthook)
        printf 'pre-commit:\n  jobs:\n    - run: %s {staged_files}\n      glob: "*.txt"\n      stage_fixed: true\n' "$work/strip" > "$repo/lefthook.yml"
        run="${LEFTHOOK:-lefthook} run pre-commit" ;;
    pre-commit)
        printf 'repos:\n  - repo: local\n    hooks:\n      - id: strip\n        name: strip\n        language: system\n        entry: env FAIL=1 %s\n        files: "[.]txt$"\n' "$work/strip" > "$repo/.pre-commit-config.yaml"
        run="${PRE_COMMIT:-pre-commit} run" ;;
    esac
    mkdir -p "$repo/.git/hooks"
    printf '#!/bin/sh\nexec %s\n' "$run" > "$hook"
    chmod +x "$hook"
}

# state SEED TOOL makes a repository: some files have a staged line to fix, some
# an unstaged edit, near it or not, some both.
state() {
    RANDOM=$1
    rm -rf "$repo" && git init -q "$repo" && set_up "$2"
    cd "$repo"
    local i at
    for i in 0 1 2 3 4 5; do
        for at in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "line $at of $i"; done > "file $i.txt"
    done
    git add -A && git commit -q --no-verify -m base
    for i in 0 1 2 3 4 5; do
        if ((i == 0 || RANDOM % 3)); then
            sed -i "$((1 + RANDOM % 4))s/.*/staged $i  /" "file $i.txt"
            git add "file $i.txt"
        fi
        case $((RANDOM % 4)) in
        0) ;;
        1) sed -i "$((2 + RANDOM % 4))s/.*/unstaged $i/" "file $i.txt" ;; # often in the way
        *) sed -i "$((8 + RANDOM % 4))s/.*/unstaged $i$( ((RANDOM % 2)) && echo '  ')/" "file $i.txt" ;;
        esac
    done
    if ((RANDOM % 3 == 0)); then git rm -q -f --cached "file 5.txt"; fi
    if ((RANDOM % 3 == 0)); then rm "file 4.txt"; fi
    echo "untracked  " > untracked.txt
    rm -rf "$work/before" && mkdir "$work/before" && find . -maxdepth 1 -name '*.txt' -exec cp {} "$work/before" \;
}

# lost says whether a worktree file is gone, came back, or holds other lines than
# before, but for white space at their ends.
lost() {
    local f
    for f in "$work"/before/*; do
        cmp -s <(sed 's/[[:blank:]]*$//' "$f") <(sed 's/[[:blank:]]*$//' "$repo/${f##*/}" 2>&1) || return 0
    done
    [ "$(ls "$work/before")" != "$(cd "$repo" && ls -- *.txt)" ]
}

# touched says whether an unstaged or untracked line lost its white space.
touched() {
    local f
    for f in "$work"/before/*; do
        cmp -s <(grep '^un' "$f") <(grep '^un' "$repo/${f##*/}" 2>/dev/null) || return 0
    done
    return 1
}

# head_has says whether the last commit brought such a line.
head_has() { git -C "$repo" diff HEAD~1 HEAD 2>/dev/null | grep -q "$1"; }

installed() {
    case $1 in
    sot*) set -- ${SOT:-sot} ;;
    lint-staged) set -- ${LINT_STAGED:-lint-staged} ;;
    lefthook) set -- ${LEFTHOOK:-lefthook} ;;
    pre-commit) set -- ${PRE_COMMIT:-pre-commit} ;;
    esac
    while [[ $1 == env || $1 == *=* ]]; do shift; done
    command -v "$1" > /dev/null
}

torture() {
    local n committed=0 lost=0 touched=0 leaked=0 unfixed=0
    for ((n = 1; n <= states; n++)); do
        state "$n" "$1"
        if git commit -q -m x > "$work/out" 2>&1; then
            ((++committed))
            if head_has '^+unstaged'; then ((++leaked)); fi
            if head_has '^+[a-z].*[[:blank:]]$'; then ((++unfixed)); fi
        fi
        if lost; then ((++lost)); elif touched; then ((++touched)); fi
    done
    echo "| $1 | $states | $committed | $lost | $touched | $leaked | $unfixed |"
}

now() { date +%s%6N; }

# kill_at SEED TOOL MOST kills the commit within so many microseconds.
kill_at() {
    state "$1" "$2"
    RANDOM=$(($1 + 7))
    local wait=$(((RANDOM * 32768 + RANDOM) % $3))
    setsid git commit -q -m x > "$work/out" 2>&1 &
    local pid=$!
    sleep "$(printf '%d.%06d' $((wait / 1000000)) $((wait % 1000000)))"
    kill -KILL -- "-$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
}

killed() {
    local n t0 most=0 ended=0 lost=0 touched=0 kept=0 stuck=0
    for n in 1 2 3; do
        state "$n" "$1"
        t0=$(now)
        git commit -q -m x > "$work/out" 2>&1 || true
        most=$((most + $(now) - t0))
    done
    for ((n = 1; n <= kills; n++)); do
        kill_at "$n" "$1" $((most / 3))
        if lost; then
            ((++lost))
            # Where it can be found again: a stash, or a patch.
            if [ -n "$(git stash list)" ] || compgen -G "$PRE_COMMIT_HOME/patch*" > /dev/null || compgen -G "$repo/.git/info/*.patch" > /dev/null; then ((++kept)); fi
        elif touched; then ((++touched)); fi
        rm -f "$PRE_COMMIT_HOME"/patch*
        git ls-files -s > /dev/null 2>&1 || ((++ended))
        if ! git commit -q --no-verify --allow-empty -m y > "$work/out" 2>&1; then ((++stuck)); fi
    done
    echo "| $1 | $kills | $lost | $kept | $touched | $stuck | $ended |"
}

repo=$work/repo
tools=()
for t in ${TOOLS:-sot sot-command lint-staged lefthook pre-commit}; do
    if installed "$t"; then tools+=("$t"); else echo "$t is not installed: left out" >&2; fi
done
echo "| run to the end | states | committed | work lost | unstaged bytes changed | unstaged work committed | committed unfixed |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
for t in "${tools[@]}"; do torture "$t"; done
echo
echo "| killed | times | work missing from the tree | of it in a stash or patch | unstaged bytes changed | next commit stopped by a lock | index unreadable |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
export SLEEP=0.3
for t in "${tools[@]}"; do killed "$t"; done
