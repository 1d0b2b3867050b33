#!/usr/bin/env bash
# clang-tidy over src, by the compile commands of the build folder named. What is on is in .clang-tidy.
set -euo pipefail
build=$(cd "${1:?usage: tidy.sh BUILD-FOLDER}" && pwd)
cd "$(dirname "$0")/../.."
# one file a call: the slowest files decide the time, not the slowest half
git ls-files -z --cached --others --exclude-standard -- 'src/*.c' |
	xargs -0 -r -n 1 -P "$(nproc)" clang-tidy --quiet -p "$build"
