#!/usr/bin/env bash
# Sourced by the benchmarks, which set $work.

# generate N: a repository of N small text files below $work/made, and into it.
generate() {
    mkdir -p "$work/made/$1"
    cd "$work/made/$1"
    awk -v n="$1" 'BEGIN {
        split("txt md py js json yaml toml go", ext, " ")
        for (i = 0; i < n; i++) {
            dir = sprintf("packages/pkg%03d/module%02d", i / 400, int(i / 20) % 20)
            if (i % 20 == 0) system("mkdir -p " dir)
            e = ext[i % 8 + 1]
            file = sprintf("%s/some_file_%06d.%s", dir, i, e)
            text = "a line that many files share\n"
            if (e == "json") text = "{\"number\": " i "}\n"
            if (e == "yaml") text = "number: " i "\n"
            if (e == "toml") text = "number = " i "\n"
            for (k = (e == "json" || e == "yaml" || e == "toml") ? 39 : i % 40; k < 40; k++) printf "%s", text > file
            close(file)
        }
    }'
    git init -q
    git add -A
    git -c user.name=a -c user.email=a@example.org commit -q -m x
}
