#!/usr/bin/env bash
# install.sh CMAKE BUILD: what `cmake --install` brings is there and not empty.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" --install "$2" --prefix "$folder" >/dev/null
for path in sbin/fedns share/bash-completion/completions/fedns share/zsh/site-functions/_fedns share/man/man1/fedns.1 \
	share/man/man5/fedns.yaml.5; do
	[ -s "$folder/$path" ] || {
		echo "not installed, or empty: $path" >&2
		exit 1
	}
done
"$folder/sbin/fedns" version
"$folder/sbin/fedns" completion bash | cmp - "$folder/share/bash-completion/completions/fedns"
