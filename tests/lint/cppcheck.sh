#!/usr/bin/env bash
# cppcheck over src. What it is told to pass over is in cppcheck.suppress, with the reason.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec cppcheck --quiet --error-exitcode=1 --std=c11 --language=c --platform=unix64 -j "$(nproc)" \
	--enable=warning,performance,portability --inline-suppr --suppressions-list=tests/lint/cppcheck.suppress \
	-D_GNU_SOURCE -DFEDNS_VERSION='"0"' -I include src
