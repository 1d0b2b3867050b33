#!/usr/bin/env bash
# codespell over what people read and write; not over fuzz seeds (octets), checksums, nor the licence (not ours).
set -euo pipefail
cd "$(dirname "$0")/../.."
git ls-files -z --cached --others --exclude-standard -- ':!tests/fuzz/corpus' ':!*/go.sum' ':!LICENSE' |
	xargs -0 -r codespell --ignore-words tests/lint/spelling.ignore
