#!/usr/bin/env bash
# From a fresh Debian 12 to a running fedns. It needs root or sudo only where packages are missing.
#
#   docker/bootstrap.sh demo      install what is missing, build, serve the demo and ask it
#   docker/bootstrap.sh test      install what is missing, build, run the tests
#   docker/bootstrap.sh deps      the packages to build with, no more
#   docker/bootstrap.sh run-deps  the packages that a built fedns runs with
#   docker/bootstrap.sh image-deps  what the image is built with
#   docker/bootstrap.sh ci-deps   all packages that .ci/run needs
set -eu

cd "$(dirname "$0")/.."

# The one list of packages: group, package, what for.
packages() {
	cat <<-LIST
		run    libuv1               loops, timers, signals, TCP, file watching
		run    libldns3             presentation format, canonical order
		run    libc-ares2           host-name ingresses
		run    libjansson4          JSON
		run    libyaml-0-2          the configuration, kubeconfigs
		run    libssl3              certificates and keys, TLS of probes
		run    libcurl4             HTTP
		run    libinih1             alidns.yaml, profile files
		run    libmicrohttpd12      metrics, health and the status page by HTTP
		run    libseccomp2          the system calls that a running daemon may make
		run    ca-certificates      whom HTTPS believes where no CA is named
		build  gcc                  the compiler
		build  libc6-dev            libc's headers
		build  cmake                the build
		build  ninja-build          the presets' build tool
		build  make                 the build tool without a preset
		build  pkgconf              finds the libraries below
		build  libuv1-dev           as libuv1
		build  libldns-dev          as libldns3
		build  libc-ares-dev        as libc-ares2
		build  libjansson-dev       as libjansson4
		build  libyaml-dev          as libyaml-0-2
		build  libssl-dev           as libssl3
		build  libcurl4-openssl-dev as libcurl4
		build  libinih-dev          as libinih1
		build  libmicrohttpd-dev    as libmicrohttpd12
		build  libseccomp-dev       as libseccomp2
		demo   bind9-dnsutils       dig
		test   bind9-dnsutils       dig
		test   knot-dnsutils        kdig
		test   bind9-utils          named-checkzone
		test   libcmocka-dev        unit tests
		test   python3              lints, system tests
		test   python3-yaml         system tests: reads our manifests
		test   git                  which files are ours, for the lints
		image  libcap2-bin          setcap: port 53 for who isn't root
		kube   kubernetes-client    kubectl, for the tests against a real API server
		ci     clang                the second compiler, libFuzzer
		ci     libclang-rt-14-dev   its sanitizers
		ci     llvm                 llvm-symbolizer for their reports
		ci     clang-format         layout
		ci     clang-tidy           static analysis
		ci     cppcheck             static analysis
		ci     gcovr                line coverage
		ci     shellcheck           shell scripts
		ci     codespell            spelling
		ci     zsh                  what it completes
		ci     mandoc               are the manual pages good
		ci     groff                the same, as Debian renders them
		ci     iproute2             system tests in network namespaces
		ci     nsd                  system tests: the root and the parent zone; a peer for the protocol tests
		ci     knot                 another peer
		ci     bind9                another
		ci     unbound              system tests: a strict resolver
		ci     ldnsutils            drill
		ci     dnsviz               system tests: judges zones
		ci     zonemaster-cli       system tests: judges zones
		ci     curl                 system tests: asks the admin server from within a namespace
		ci     dnsmasq-base         system tests: what kube-dns hands its stub domains to
		ci     chromium             system tests: the status page in a browser
		ci     chromium-driver      drives it
		ci     prometheus           promtool: judges alerts and the dashboard
		ci     strace               which system calls a thread makes, for a system test
		ci     systemd              judges the service unit
		ci     debootstrap          the image's stages without a container engine
		ci     binutils             readelf, objdump: what the built program is like
	LIST
}

say() {
	printf '%s\n' "bootstrap: $*" >&2
}

# install GROUP...: what is missing of these groups. Asks neither the user nor, when all is there, the network.
install() {
	if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
		say "this needs Debian 12 (dpkg-query and apt-get); elsewhere install by hand: $(names "$@" | xargs)"
		return 1
	fi
	local missing=() as_root=(env) name
	for name in $(names "$@"); do
		[ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		if ! command -v sudo >/dev/null; then
			say "packages are missing, and here is neither root nor sudo. As root: apt-get install ${missing[*]}"
			return 1
		fi
		as_root=(sudo env)
	fi
	say "installing ${missing[*]}"
	apt_get update
	apt_get install --no-install-recommends "${missing[@]}"
}

readonly POLICY=/usr/sbin/policy-rc.d # what Debian's packages ask before they start a server

# apt_get ARGUMENT...: starts no server that it installs, for they would all take port 53.
apt_get() (
	if [ ! -e "$POLICY" ]; then
		trap '"${as_root[@]}" rm -f "$POLICY"' EXIT
		printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 0755 /dev/stdin "$POLICY"
	fi
	"${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"
)

# names GROUP...: their packages.
names() {
	local group
	for group; do
		packages | awk -v group="$group" '$1 == group { print $2 }'
	done
}

# The tests against a real Kubernetes API server are for machines with Go: it is built here, and Debian 12's Go is too
# old. A kubectl that is not Debian's does as well.
install_kubectl() {
	! command -v go >/dev/null || command -v kubectl >/dev/null || install kube
}

readonly DEMO=conf/demo/fedns.yaml
readonly QUESTION=(dig @127.0.0.1 -p 5300 nginx.default.fed.svc.spacexnice.xyz)
readonly READY_S=10 # a start from a small file takes milliseconds

daemon=0
caught=0

pass_on() {
	caught=1
	kill -s "$1" "$daemon" 2>/dev/null || true
}

# The daemon's own exit status, however often a signal wakes us.
daemon_wait() {
	local status
	while :; do
		caught=0
		status=0
		wait "$daemon" || status=$?
		[ "$caught" -eq 1 ] || return "$status"
	done
}

# Done when the daemon gives an answer; fails when it ends before, or after READY_S.
daemon_ready() {
	local end=$((SECONDS + READY_S))
	while [ "$SECONDS" -le "$end" ]; do
		kill -0 "$daemon" 2>/dev/null || return 1
		! "${QUESTION[@]}" +short +time=1 +tries=1 2>/dev/null | grep -q '^[0-9]' || return 0
		sleep 0.1
	done
	say "no answer within $READY_S s"
	return 1
}

demo() {
	install build demo
	cmake --workflow --preset demo
	trap 'pass_on INT' INT
	trap 'pass_on TERM' TERM
	build/release/fedns serve -c "$DEMO" &
	daemon=$!
	if daemon_ready; then
		"${QUESTION[@]}" +noall +question +answer
		printf '\nfedns answers. Try it from another terminal (Ctrl-C here stops it):\n    %s\n' "${QUESTION[*]}"
		[ "${DEMO_ONCE:-0}" != 1 ] || pass_on TERM
		daemon_wait
	else
		pass_on TERM
		daemon_wait || exit
		exit 1
	fi
}

case "${1:-}" in
demo) demo ;;
test)
	install build test
	install_kubectl
	# what the tests would do themselves, but here it can be seen; they say so where it can't be done
	tests/system/apiserver/build.sh >/dev/null || true
	cmake --workflow --preset test
	;;
deps) install build ;;
run-deps) install run ;;
image-deps) install build run image ;;
ci-deps)
	install build demo test image ci
	install_kubectl
	;;
*)
	sed -n '2,/^set /s/^# \{0,1\}//p' docker/bootstrap.sh >&2
	exit 2
	;;
esac
