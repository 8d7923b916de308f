#!/usr/bin/env bash
# Measures what the verdict cache saves: sot with what it knows, beside sot without,
# `git status` and prek (its hooks one after another, as they run where a
# configuration says nothing else, and all at once), on the same files, in
# interleaved rounds with a warm page cache; medians of seconds, of CPU seconds and
# of peak memory, and ratios.
#
#   docs/benchmarks-cache.sh REPOSITORY...
#
# Each REPOSITORY is a git checkout; the work is done in a clone of it below TMPDIR.
# Repositories of 1,000, 10,000 and 100,000 made-up files follow.
#   ROUNDS=7     how many rounds
#   PREK=prek    npm install @j178/prek; left out where it is not installed
#   SIZES="1000 10000 100000"
set -euo pipefail

rounds=${ROUNDS:-7}
prek=${PREK:-prek}
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C CI=

checks='trailing-whitespace end-of-file-fixer check-yaml check-json check-toml check-merge-conflict
check-added-large-files detect-private-key mixed-line-ending check-case-conflict check-symlinks'
{
    echo 'version: 1'
    echo 'rules:'
    for c in $checks; do echo "  - use: $c"; done
} > "$work/sot.yaml"
{
    echo 'repos:'
    echo '  - repo: builtin'
    echo '    hooks:'
    for c in $checks; do echo "      - id: $c"; done
} > "$work/prek.yaml"
sed 's/^      - id: .*/&\n        priority: 0/' "$work/prek.yaml" > "$work/prek-at-once.yaml"
CGO_ENABLED=0 go build -C "$here" -trimpath -ldflags '-s -w -X main.version=1.0.0' -o "$work/sot" ./cmd/sot

# One process with its seconds, CPU seconds and peak memory: what a shell cannot ask.
mkdir "$work/measure"
cat > "$work/measure/main.go" << 'GO'
package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func main() {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	start := time.Now()
	_ = cmd.Run() // findings are no failure here
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	fmt.Println(time.Since(start).Seconds(), (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), usage.Maxrss/1024)
}
GO
(cd "$work/measure" && CGO_ENABLED=0 go build -trimpath -o ../run main.go)

median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# measure TITLE: what is below runs in turns, in the working directory.
measure() {
    local round name
    local names=(status warm one cold uncached)
    command -v "$prek" > /dev/null 2>&1 && [[ $2 == with-prek ]] && names+=(prek prek-at-once)
    local file
    file=$(git ls-files '*.md' | sed -n 1p)
    rm -f "$work"/t.*
    git status > /dev/null
    "$work/sot" run --all --config "$work/sot.yaml" > /dev/null || true
    for ((round = 0; round <= rounds; round++)); do
        for name in "${names[@]}"; do
            local run=("$work/sot" run --all --config "$work/sot.yaml")
            case $name in
                status) run=(git status --porcelain) ;;
                # What the last round wrote is known again, and no longer young.
                warm) sleep 2.5 && { "${run[@]}" > /dev/null || true; } ;;
                one) echo "$round" >> "$file" ;;
                cold) rm -f .git/sot/verdicts .git/sot/folders ;;
                uncached) run+=(--no-cache) ;;
                prek*) run=("$prek" run --all-files --config "$work/$name.yaml") ;;
            esac
            "$work/run" "${run[@]}" > "$work/last"
            ((round == 0)) || cat "$work/last" >> "$work/t.$name"
            case $name in
                one | prek*) git checkout -q . && git status > /dev/null ;;
            esac
        done
    done
    printf '\n%s (%d rounds)\n' "$1" "$rounds"
    local base
    base=$(awk '{ print $1 }' "$work/t.warm" | median)
    for name in "${names[@]}"; do
        awk -v n="$name" -v s="$(awk '{ print $1 }' "$work/t.$name" | median)" -v c="$(awk '{ print $2 }' "$work/t.$name" | median)" \
            -v m="$(awk '{ print $3 }' "$work/t.$name" | median)" -v b="$base" \
            'BEGIN { printf "  %-12s %8.0f ms  %8.0f ms of CPU  %4d MB  %6.2f times warm\n", n, s * 1000, c * 1000, m, s / b }'
    done
    "$work/sot" cache show | sed -n '2s/^/  kept: /p' || true
}

for repository; do
    clone=$work/clones/$(basename "$repository")
    git clone -q --shared "$repository" "$clone"
    cd "$clone"
    measure "$(basename "$repository"): $(git ls-files | wc -l) files" with-prek
done

. "$here/docs/benchmarks-made.sh"
for n in ${SIZES:-1000 10000 100000}; do
    generate "$n"
    measure "made-up repository of $n files" without
    cd "$work"
    rm -rf "$work/made"
done
