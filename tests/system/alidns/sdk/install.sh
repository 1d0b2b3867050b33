#!/usr/bin/env bash
# Installs the vendor's SDKs into the cache, once for each state of the lock file, and prints where they are.
#
# The cache is FEDNS_CACHE, or fedns below XDG_CACHE_HOME or ~/.cache. INSTALL_LIMIT_S seconds are what it may take.
# No script of a package is run. Exit status 77 and a sentence: they can't be installed here and now.
set -euo pipefail
folder=$(cd "$(dirname "$0")" && pwd)
cache=${FEDNS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fedns}

skip() {
	printf 'the SDKs of the vendor are not installed: %s\n' "$1" >&2
	exit 77
}

command -v node >/dev/null || skip "Node.js is not installed"
key=$(cat "$folder/package.json" "$folder/package-lock.json" | sha256sum | cut -c 1-16)
place=$cache/alidns-sdk-$key
if [ -d "$place" ]; then
	printf '%s\n' "$place"
	exit 0
fi

command -v npm >/dev/null || skip "npm is not installed"
mkdir -p "$cache"
part=$(mktemp -d "$place.XXXXXX")
trap 'rm -rf "$part"' EXIT
cp "$folder/package.json" "$folder/package-lock.json" "$part"
timeout "${INSTALL_LIMIT_S:-90}" npm ci --prefix "$part" --ignore-scripts --no-audit --no-fund --fetch-retries=1 >&2 ||
	skip "npm could not fetch them"
# those of earlier lock files are of no use any more, but a test of another worktree may use them
find "$cache" -maxdepth 1 -name 'alidns-sdk-*' -mtime +30 -exec rm -rf {} +
# another one may have been faster
mv -T "$part" "$place" 2>/dev/null || [ -d "$place" ]
printf '%s\n' "$place"
