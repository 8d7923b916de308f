#!/usr/bin/env bash
# Measures sot beside prek, pre-commit, lefthook, lint-staged, ripgrep and git, on
# the same files, in interleaved rounds with a warm page cache, and prints medians
# and ratios.
#
#   docs/benchmarks.sh REPOSITORY...
#
# Each REPOSITORY is a git checkout; the work is done in a clone of it below
# TMPDIR. What is not installed is left out, and said.
#   ROUNDS=7                 how many rounds
#   PREK=prek                npm install @j178/prek
#   PRE_COMMIT=pre-commit    apt-get install pre-commit
#   PRE_COMMIT_HOOKS=DIR     a checkout of pre-commit-hooks, for pre-commit's system hooks
#   LEFTHOOK=PATH            npm install lefthook; left out where it is not given
#   LINT_STAGED=PATH         npm install lint-staged; likewise
# Lefthook and lint-staged have no checks of their own: they run one command that
# does nothing, which is the least that they take.
set -euo pipefail

rounds=${ROUNDS:-7}
prek=${PREK:-prek}
pre_commit=${PRE_COMMIT:-pre-commit}
hooks=${PRE_COMMIT_HOOKS:-}
lefthook=${LEFTHOOK:-}
lint_staged=${LINT_STAGED:-}
unset LEFTHOOK # which lefthook reads as well
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C CI=

checks='trailing-whitespace end-of-file-fixer check-yaml check-json check-toml check-merge-conflict
check-added-large-files detect-private-key mixed-line-ending check-case-conflict check-symlinks'

# The same eleven checks for everybody.
{
    echo 'version: 1'
    echo 'rules:'
    for c in $checks; do echo "  - use: $c"; done
} > "$work/sot.yaml"
# And for sot alone, rules that judge the whole tree, whatever is staged.
{
    cat "$work/sot.yaml"
    echo '  - {id: layout, structure: {require: [README.md], forbid: ["**/*.exe"]}}'
    echo '  - {id: folders, structure: {each: "*/", forbid: ["**/*.orig"]}}'
} > "$work/tree.yaml"
{
    echo 'repos:'
    echo '  - repo: builtin'
    echo '    hooks:'
    for c in $checks; do printf '      - id: %s\n        priority: 0\n' "$c"; done
} > "$work/prek.yaml"
module() {
    case $1 in
        trailing-whitespace) echo trailing_whitespace_fixer ;;
        *) echo "${1//-/_}" ;;
    esac
}
types() {
    case $1 in
        check-yaml) echo yaml ;;
        check-json) echo json ;;
        check-toml) echo toml ;;
        check-symlinks) echo symlink ;;
        check-added-large-files | check-case-conflict) echo file ;;
        *) echo text ;;
    esac
}
{
    echo 'repos:'
    echo '  - repo: local'
    echo '    hooks:'
    for c in $checks; do
        printf '      - {id: %s, name: %s, language: system, entry: python3 -m pre_commit_hooks.%s, types: [%s]}\n' \
            "$c" "$c" "$(module "$c")" "$(types "$c")"
    done
} > "$work/pre-commit.yaml"

printf 'pre-commit:\n  commands:\n    nothing: {run: "true {staged_files}"}\n' > "$work/lefthook.yml"
printf '{"*": "true"}\n' > "$work/lint-staged.json"

CGO_ENABLED=0 go build -C "$here" -trimpath -ldflags '-s -w' -o "$work/sot" ./cmd/sot
mkdir "$work/hello"
cat > "$work/hello/main.go" << 'GO'
package main

import "fmt"

func main() { fmt.Println("sot") }
GO
(cd "$work/hello" && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o ../hello-go main.go)

# now: nanoseconds. median FILE: of one number a line.
now() { date +%s%N; }
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

names=()
declare -A commands
add() {
    names+=("$1")
    commands[$1]=$2
}

# measure TITLE BASE: runs what was added, in turns, and prints a table with
# ratios to BASE.
measure() {
    local title=$1 base=$2 name round start
    rm -f "$work"/t.*
    for ((round = 0; round <= rounds; round++)); do
        for name in "${names[@]}"; do
            start=$(now)
            bash -c "${commands[$name]}" > /dev/null 2>&1 < /dev/null || true
            ((round == 0)) || echo $(($(now) - start)) >> "$work/t.$name"
        done
    done
    printf '\n%s (%d rounds)\n' "$title" "$rounds"
    local b
    b=$(median "$work/t.$base")
    for name in "${names[@]}"; do
        sort -n "$work/t.$name" | awk -v n="$name" -v m="$(median "$work/t.$name")" -v b="$b" \
            'NR == 1 { lo = $1 } { hi = $1 } END { printf "  %-28s %9.1f ms  (%.1f to %.1f)  %6.2f times\n", n, m / 1e6, lo / 1e6, hi / 1e6, m / b }'
    done
    names=()
}

have() { command -v "$1" > /dev/null 2>&1 || { echo "left out, not installed: $1" && return 1; }; }

# hook_runners adds what runs as a pre-commit hook, and what git itself takes to
# name the staged files.
hook_runners() {
    # In the first runs sot writes down what rules cost; then it has learned it.
    for _ in 1 2 3 4 5 6 7 8 9; do
        for config in sot tree; do "$work/sot" hook run pre-commit --config "$work/$config.yaml" > /dev/null 2>&1 || true; done
    done
    add git-diff "exec git diff --cached --name-only"
    add sot "exec $work/sot hook run pre-commit --config $work/sot.yaml"
    add sot-whole-tree "exec $work/sot hook run pre-commit --config $work/tree.yaml"
    have "$prek" && add prek "exec $prek run --config $work/prek.yaml"
    if [[ -n "$hooks" ]] && have "$pre_commit"; then
        add pre-commit "PYTHONPATH=$hooks exec $pre_commit run --config $work/pre-commit.yaml"
    fi
    if [[ -n "$lefthook" ]] && have "$lefthook"; then
        cp "$work/lefthook.yml" lefthook.yml
        echo lefthook.yml >> .git/info/exclude
        add lefthook "exec $lefthook run pre-commit"
    fi
    if [[ -n "$lint_staged" ]] && have "$lint_staged"; then
        add lint-staged "exec $lint_staged --config $work/lint-staged.json"
    fi
}

for repository; do
    name=$(basename "$repository")
    clone=$work/clones/$name
    git clone -q --shared "$repository" "$clone"
    cd "$clone"
    files=$(git ls-files | wc -l)

    add rg "exec rg -c x --no-ignore --hidden -g '!.git' ."
    add sot-again "exec $work/sot run --all --config $work/sot.yaml" # knows what it found before
    add sot "exec $work/sot run --all --no-cache --no-profile --config $work/sot.yaml"
    have "$prek" && add prek "exec $prek run --all-files --config $work/prek.yaml"
    if [[ -n "$hooks" ]] && have "$pre_commit"; then
        add pre-commit "PYTHONPATH=$hooks exec $pre_commit run --all-files --config $work/pre-commit.yaml"
    fi
    have rg && measure "$name: all of $files files, eleven checks" rg
    git checkout -q . # pre-commit's and prek's hooks mend what they find

    file=$(git ls-files '*.md' | sed -n 1p)
    echo 'One more line.' >> "$file"
    git add "$file"
    hook_runners
    measure "$name: one staged file of $files" git-diff

    # Five hundred, without what the others would mend: each round finds the same.
    git ls-files -s -- '*.md' '*.py' '*.js' '*.ts' '*.rst' '*.txt' '*.go' |
        sed -n 's/^100[0-9]* [0-9a-f]* 0\t\([^"]\)/\1/p' | awk 'NR <= 500' > "$work/many"
    while IFS= read -r file; do
        sed 's/[[:space:]]*$//' "$file" > "$work/text"
        { cat "$work/text" && echo 'One more line.'; } > "$file"
    done < "$work/many"
    git add -u
    hook_runners
    measure "$name: $(git diff --cached --name-only | wc -l) staged files of $files" sot

    if [[ -x /usr/bin/time ]]; then
        git reset -q --hard
        /usr/bin/time -f "$name: peak memory of sot run --all: %M KiB" "$work/sot" run --all --no-cache --no-profile --config "$work/sot.yaml" 2>&1 > /dev/null | tail -n 1 || true
    fi
done

. "$here/docs/benchmarks-made.sh"

if [[ -x /usr/bin/time ]]; then
    echo
    for n in 10000 30000 100000; do
        (generate "$n" && /usr/bin/time -f "made-up repository of $n files: peak memory of sot run --all: %M KiB" \
            "$work/sot" run --all --no-cache --no-profile --config "$work/sot.yaml" 2>&1 > /dev/null | tail -n 1) || true
        rm -rf "$work/made"
    done
fi

add hello-go "exec $work/hello-go"
add sot-version "exec $work/sot version"
rounds=$((rounds * 5)) measure 'start-up' hello-go
