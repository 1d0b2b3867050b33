#!/usr/bin/env bash
# What the image consists of, and nothing else: the program, the libraries that it is linked with, whom HTTPS believes,
# and who its user is. No shell, no package manager. As root.
#
#   docker/rootfs.sh PROGRAM FOLDER
set -eu

readonly program=$1 root=$2
readonly ID=953 # of user and group, as a number in the Dockerfile and in manifests, too
readonly PLACE=$root/usr/sbin/fedns

# put FILE: to its own place, whatever links lead there.
put() {
	local folder
	folder=$(realpath "$(dirname "$1")")
	install -D -m "$(stat -L -c %a "$1")" "$1" "$root$folder/$(basename "$1")"
}

# libraries: paths of all that the program is linked with, and of their loader.
libraries() {
	ldd "$program" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }'
}

# packages_of FILE...: Debian knows a file by its path with or without /usr.
packages_of() {
	local file paths=()
	for file; do
		file=$(realpath "$(dirname "$file")")/$(basename "$file")
		paths+=("$file" "${file#/usr}")
	done
	{ dpkg-query -S "${paths[@]}" 2>/dev/null || true; } | cut -d: -f1 | sort -u
}

# note PACKAGE: for those who look for known holes in what is installed, and for its licence.
note() {
	mkdir -p "$root/var/lib/dpkg/status.d" "$root/usr/share/doc/$1"
	dpkg-query -s "$1" >"$root/var/lib/dpkg/status.d/$1"
	[ ! -e "/usr/share/doc/$1/copyright" ] || install -m 0644 "/usr/share/doc/$1/copyright" "$root/usr/share/doc/$1/"
}

mkdir -p "$root"/usr/{lib,lib64,sbin} "$root"/etc/{fedns,ssl/certs} "$root"/usr/lib/ssl "$root"/{proc,sys,dev,tmp}
chmod 1777 "$root/tmp"
for name in lib lib64 sbin; do
	ln -sfn "usr/$name" "$root/$name"
done

install -m 0755 "$program" "$PLACE"
# Permitted, and taken by the program itself: an engine that allows no capability at all can start it as well.
setcap cap_net_bind_service=p "$PLACE"

mapfile -t needed < <(libraries)
[ "${#needed[@]}" -gt 0 ] # or the program is for another machine
for library in "${needed[@]}"; do
	put "$library"
done
for package in base-files ca-certificates $(packages_of "${needed[@]}"); do
	note "$package"
done

put /etc/ssl/certs/ca-certificates.crt
put /etc/ssl/openssl.cnf
ln -sfn /etc/ssl/certs "$root/usr/lib/ssl/certs"
ln -sfn /etc/ssl/openssl.cnf "$root/usr/lib/ssl/openssl.cnf"
install -m 0644 /usr/lib/os-release "$root/etc/os-release"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
printf 'root:x:0:0:root:/:/usr/sbin/nologin\n' >"$root/etc/passwd"
printf 'fedns:x:%s:%s:fedns:/var/lib/fedns:/usr/sbin/nologin\n' $ID $ID >>"$root/etc/passwd"
printf 'root:x:0:\nfedns:x:%s:\n' $ID >"$root/etc/group"
install -d -o $ID -g $ID -m 0750 "$root/var/lib/fedns" "$root/run/fedns"
