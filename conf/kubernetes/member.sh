#!/bin/sh
# A member cluster for fedns: makes fedns an account in it, with the rights to look and a token that doesn't expire, and
# puts all that reaches the cluster into a kubeconfig, as a context with the cluster's name; others in it stay.
#
#   conf/kubernetes/member.sh CONTEXT FILE [NAME]
#
# CONTEXT is what your own kubeconfig calls the cluster, NAME (else CONTEXT) what fedns does. Once more with the same
# is fine. FILE is for `fedns init --member-kubeconfig=FILE`; it holds tokens, so it is made for you alone. A token ends
# with its Secret: kubectl --context=CONTEXT -n fedns delete secret fedns-token
set -eu

wait_s=60 # until the cluster has filled in the token

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
	printf 'usage: %s CONTEXT FILE [NAME]\n' "$0" >&2
	exit 2
fi
context=$1 file=$2 name=${3:-$1}
here=$(cd "$(dirname "$0")" && pwd)

die() {
	printf '%s: %s\n' "$context" "$1" >&2
	exit 1
}

case $name in
*[!a-z0-9.-]* | [.-]* | *[.-])
	die "as a cluster's name it may have lower-case letters, digits, hyphens and dots: give a third word"
	;;
esac
case $file in
*:*) die "$file: a file with a colon in its name can't be a kubeconfig" ;;
esac

# Its address and authority, as you reach it yourself.
view() {
	kubectl --context="$context" config view --raw --minify --flatten -o "jsonpath={.clusters[0].cluster.$1}"
}
server=$(view server)
authority=$(view certificate-authority-data)
[ -n "$server" ] || die "this context names no server"
[ -n "$authority" ] || die "this context names no certificate authority, and so nobody that fedns could trust"
case $server in
*://127.* | *://localhost[:/]* | *://localhost | *://\[::1]*)
	printf '%s: warning: %s is this machine: no pod reaches the cluster there\n' "$context" "$server" >&2
	;;
esac

kubectl --context="$context" apply -f "$here/account/account.yaml" -f "$here/components/member/rbac.yaml" -f - <<-END
	apiVersion: v1
	kind: Secret
	type: kubernetes.io/service-account-token
	metadata:
	  name: fedns-token
	  namespace: fedns
	  labels: {app.kubernetes.io/name: fedns}
	  annotations: {kubernetes.io/service-account.name: fedns}
END

token=
until [ -n "$token" ]; do
	token=$(kubectl --context="$context" -n fedns get secret fedns-token -o 'jsonpath={.data.token}' | base64 -d)
	[ -n "$token" ] && break
	[ "$wait_s" -gt 0 ] || die "the cluster has filled in no token: secret fedns/fedns-token"
	wait_s=$((wait_s - 1))
	sleep 1
done

# By files, never by arguments: those can be seen by everybody on this machine.
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/new" <<-END
	apiVersion: v1
	kind: Config
	clusters: [{name: "$name", cluster: {server: "$server", certificate-authority-data: "$authority"}}]
	users: [{name: "fedns@$name", user: {token: "$token"}}]
	contexts: [{name: "$name", context: {cluster: "$name", user: "fedns@$name", namespace: fedns}}]
END
# of two with one name the first file's counts
KUBECONFIG=$work/new:$file kubectl config view --raw --flatten >"$work/all"
mv "$work/all" "$file"
printf '%s: context %s\n' "$file" "$name"
