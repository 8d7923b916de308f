#!/usr/bin/env bash
# Measures rules beside the tools that do one such thing: file naming beside
# ls-lint, editorconfig beside editorconfig-checker, secrets beside gitleaks, and
# twenty content patterns beside ripgrep, on the same files, in interleaved rounds
# with a warm page cache, and prints medians and ratios.
#
#   docs/benchmarks-rules.sh REPOSITORY...
#
# Each REPOSITORY is a git checkout; the work is done in a clone of it below
# TMPDIR. What is not installed is left out, and said.
#   ROUNDS=7                 how many rounds
#   LS_LINT=ls-lint          npm install @ls-lint/ls-lint (the program itself, not the script that starts it)
#   EC=editorconfig-checker  go install github.com/editorconfig-checker/editorconfig-checker/v3/cmd/editorconfig-checker@v3.4.0
#   GITLEAKS=gitleaks        go install github.com/zricethezav/gitleaks/v8@latest
#   CORPUS=DIR               100 MB or more of source code for the patterns; default Go's own
set -euo pipefail

rounds=${ROUNDS:-7}
ls_lint=${LS_LINT:-ls-lint}
ec=${EC:-editorconfig-checker}
gitleaks=${GITLEAKS:-gitleaks}
corpus=${CORPUS:-$(go env GOROOT)/src}
here=$(cd "$(dirname "$0")/.." && pwd)
start=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C CI=

CGO_ENABLED=0 go build -C "$here" -trimpath -ldflags '-s -w' -o "$work/sot" ./cmd/sot

# rules NAME RULE...: a configuration for sot.
rules() {
    printf 'version: 1\nrules:\n' > "$work/$1.yaml"
    printf '  - %s\n' "${@:2}" >> "$work/$1.yaml"
}
words='[A-Za-z0-9_.@+~-]+'
rules naming "{ id: py, files: '**/*.py', naming: { of: stem, pattern: '^$words\$' } }" \
    "{ id: js, files: '**/*.js', naming: { of: stem, pattern: '^$words\$' } }" \
    "{ id: ts, files: '**/*.ts', naming: { of: stem, pattern: '^$words\$' } }" \
    "{ id: yml, files: '**/*.{yml,yaml}', naming: { of: stem, pattern: '^$words\$' } }" \
    "{ id: json, files: '**/*.json', naming: { of: stem, pattern: '^$words\$' } }"
cat > "$work/ls-lint.yml" << YAML
ls:
  .py: regex:$words
  .js: regex:$words
  .ts: regex:$words
  .yml: regex:$words
  .yaml: regex:$words
  .json: regex:$words
ignore: [.git, node_modules]
YAML
rules editorconfig '{ use: editorconfig }'
rules secrets '{ id: secrets, secrets: {} }'
patterns=('console\.(log|debug)\(' '\bTODO\(bug' 'FIXME|XXX' 'AKIA[0-9A-Z]{16}' "(?i)password\\s*=\\s*['\"]" '-----BEGIN [A-Z ]*PRIVATE KEY'
    'debugger;' 'print_r\(' 'var_dump\(' 'System\.out\.println' 'eval\(.*\)' 'document\.write\(' '\.innerHTML\s*=' 'xoxb-[0-9a-z]+'
    'ghp_[0-9A-Za-z]{36}' 'pdb\.set_trace' 'binding\.pry' 'fmt\.Println\(' '(?i)do not commit' 'https?://localhost')
{
    printf 'version: 1\nrules:\n  - id: patterns\n    content:\n      forbid:\n'
    for p in "${patterns[@]}"; do printf "        - '%s'\n" "${p//\'/\'\'}"; done
} > "$work/patterns.yaml"
alternation=()
for p in "${patterns[@]}"; do alternation+=(-e "$p"); done

now() { date +%s%N; }
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
have() { command -v "$1" > /dev/null 2>&1 || { echo "left out, not installed: $1" && return 1; }; }

# versus TITLE PEER NAME CONFIG COMMAND...: the peer's COMMAND and sot with its
# CONFIG, in turns; the last column is how many times as long the peer takes.
versus() {
    local title=$1 peer=$2 config=$3 round began
    shift 3
    rm -f "$work"/t.*
    for ((round = 0; round <= rounds; round++)); do
        began=$(now)
        "$work/sot" run --all --no-cache --no-profile ${workers:+--workers "$workers"} --config "$work/$config.yaml" > /dev/null 2>&1 < /dev/null || (($? == 1))
        ((round == 0)) || echo $(($(now) - began)) >> "$work/t.sot"
        began=$(now)
        "$@" > /dev/null 2>&1 < /dev/null || true
        ((round == 0)) || echo $(($(now) - began)) >> "$work/t.peer"
    done
    for who in sot peer; do
        sort -n "$work/t.$who" | awk -v n="$([[ $who == sot ]] && echo sot || echo "$peer")" -v t="$title" -v m="$(median "$work/t.$who")" -v b="$(median "$work/t.sot")" \
            'NR == 1 { lo = $1 } { hi = $1 } END { printf "%-34s %-22s %9.1f ms  (%.1f to %.1f)  %6.2f times\n", t, n, m / 1e6, lo / 1e6, hi / 1e6, m / b }'
    done
}

for repository; do
    repository=$(cd "$start" && cd "$repository" && pwd)
    name=$(basename "$repository")
    git clone -q --shared "$repository" "$work/clones/$name"
    cd "$work/clones/$name"
    title="$name, $(git ls-files | wc -l) files"
    [[ -e .editorconfig ]] || printf 'root = true\n[*]\nend_of_line = lf\ninsert_final_newline = true\ntrim_trailing_whitespace = true\n[*.py]\nindent_style = space\n' > .editorconfig
    have "$ls_lint" && versus "$title: naming" ls-lint naming "$ls_lint" -config "$work/ls-lint.yml"
    have "$ec" && versus "$title: editorconfig" editorconfig-checker editorconfig "$ec"
    have "$gitleaks" && versus "$title: secrets" gitleaks secrets "$gitleaks" dir . --no-banner --exit-code 0
done

# One thread each: the speed of a core.
if have rg; then
    mkdir "$work/corpus"
    cp -r "$corpus" "$work/corpus/src"
    cd "$work/corpus"
    workers=1 versus "$(du -sm src | cut -f1) MB, 20 patterns, 1 thread" "rg -c -j1" patterns rg -c -j1 --no-ignore --hidden "${alternation[@]}" .
fi
