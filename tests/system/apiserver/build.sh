#!/usr/bin/env bash
# Builds a Go program of ours into the cache, once for each state of its sources, and prints where it is.
#
#   tests/system/apiserver/build.sh [PACKAGE-FOLDER]   this folder's without an argument
#
# The cache is FEDNS_CACHE, or fedns below XDG_CACHE_HOME or ~/.cache. The API server's first build compiles all of
# Kubernetes' server: 15 to 20 minutes on 2 busy cores, 4 GB of memory. BUILD_LIMIT_S seconds are what it may take; what
# it compiled by then is kept by Go for the next time. Exit status 77 and a sentence: it can't be built here and now.
set -euo pipefail
folder=$(cd "${1:-$(dirname "$0")}" && pwd)
cache=${FEDNS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fedns}
export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOWORK=off

skip() {
	printf '%s is not built: %s\n' "$name" "$1" >&2
	exit 77
}

# Up from the package to the folder of its module.
module=$folder
while [ ! -e "$module/go.mod" ]; do
	[ "$module" != / ] || { printf 'no go.mod above %s\n' "$folder" >&2; exit 2; }
	module=$(dirname "$module")
done

name=$(basename "$folder")
key=$(find "$module" -type f \( -name '*.go' -o -name '*.yaml' -o -name go.mod -o -name go.sum \) \
	! -name '*_test.go' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | cut -d ' ' -f 1 | sha256sum | cut -c 1-16)
program=$cache/$name-$key
if [ -x "$program" ]; then
	printf '%s\n' "$program"
	exit 0
fi

command -v go >/dev/null || skip "Go is not installed"
needed=$(sed -n 's/^go //p' "$module/go.mod")
has=$(go env GOVERSION) && has=${has#go} && has=${has%%[!0-9.]*}
printf '%s\n%s\n' "$needed" "$has" | sort -V -C || skip "it needs Go $needed, and here is $has"

limit=${BUILD_LIMIT_S:-3600}
[ "$limit" -gt 0 ] || skip 'that was not to be tried again'
cd "$module"
timeout "$limit" go mod download >&2 || skip "its Go modules can't be fetched"

# API servers are told apart by this version; the module of a client alone has none
kubernetes=$(sed -n 's,^[[:space:]]*k8s.io/kubernetes \(v[^ ]*\).*,\1,p' go.mod)
begin=$SECONDS
printf 'building %s, once%s\n' "$name" "${kubernetes:+: up to 20 minutes}" >&2
mkdir -p "$cache"
part=$program.$$
trap 'rm -f "$part"' EXIT
# memory rather than cores is what runs short when all of it is compiled and linked
status=0
GOMEMLIMIT=${GOMEMLIMIT:-3GiB} timeout "$limit" nice go build -p "${JOBS:-$(nproc)}" -trimpath -buildvcs=false \
	-ldflags "-s -w ${kubernetes:+-X k8s.io/component-base/version.gitVersion=$kubernetes}" -o "$part" "$folder" >&2 || status=$?
[ "$status" -ne 124 ] || skip "$limit s were not enough; the next time goes on from there"
[ "$status" -eq 0 ] || exit "$status"
# programs of earlier sources are of no use any more, but a test of another worktree may run them
find "$cache" -maxdepth 1 -name "$name-*" -mtime +30 -delete
mv "$part" "$program"
printf 'built in %s s\n' "$((SECONDS - begin))" >&2
printf '%s\n' "$program"
