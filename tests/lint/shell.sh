#!/usr/bin/env bash
# Runs shellcheck over every shell script of the tree: by name, or by its first line.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts=()
while IFS= read -r -d '' path; do
	[ -f "$path" ] || continue
	case "$path" in
	*.sh) scripts+=("$path") ;;
	*) ! head -n 1 "$path" | grep -qaE '^#!.*[/ ](ba|da)?sh( |$)' || scripts+=("$path") ;;
	esac
done < <(git ls-files -z --cached --others --exclude-standard)
exec shellcheck "${scripts[@]}"
