#!/usr/bin/env bash
# Is every C file as clang-format 14 with our .clang-format lays it out?
set -euo pipefail
cd "$(dirname "$0")/../.."
git ls-files -z --cached --others --exclude-standard -- '*.c' '*.h' | xargs -0 -r clang-format --dry-run -Werror
