#!/usr/bin/env bash
# Is every C file as clang-format 14 with our .clang-format lays it out, and every Go file as gofmt does where it is?
set -euo pipefail
cd "$(dirname "$0")/../.."
git ls-files -z --cached --others --exclude-standard -- '*.c' '*.h' | xargs -0 -r clang-format --dry-run -Werror
command -v gofmt >/dev/null || exit 0
unformatted=$(git ls-files -z --cached --others --exclude-standard -- '*.go' | xargs -0 -r gofmt -l)
[ -z "$unformatted" ] || { printf 'gofmt would lay these out otherwise:\n%s\n' "$unformatted"; exit 1; }
