// Command apiserver is a Kubernetes API server with its etcd in one process, for tests: one process is one cluster.
//
//	apiserver -dir DIR -port PORT [-name NAME] [-- FLAG...]
//
// It writes all that it needs into DIR (keys, certificates, tokens, kubeconfig files, etcd's data), takes further flags
// of kube-apiserver, prints a line that begins with "ready" when it can be asked, and ends on SIGTERM. Started again
// in the same DIR it has its objects and its identity back. A POST to /compact on DIR/control.sock forgets history.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // the server's own metrics, as upstream's main has them
	_ "k8s.io/component-base/metrics/prometheus/version"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

const readyTimeout = 2 * time.Minute

func main() {
	dir := flag.String("dir", "", "folder of this cluster, made where it is missing")
	port := flag.Int("port", 0, "port on 127.0.0.1")
	name := flag.String("name", "test", "name of the cluster and context in the kubeconfig files")
	flag.Parse()
	if *dir == "" || *port == 0 {
		flag.Usage()
		os.Exit(2)
	}
	code, err := run(*dir, *name, *port, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "apiserver:", err)
	}
	os.Exit(code)
}

// run serves until a signal comes, and returns the exit status.
func run(dir, name string, port int, more []string) (int, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 1, err
	}
	// Everything is named relative to the folder: a path to a unix socket may not have more than 107 octets.
	if err := os.Chdir(dir); err != nil {
		return 1, err
	}
	url := fmt.Sprintf("https://127.0.0.1:%d", port)
	identity, err := loadIdentity()
	if err != nil {
		return 1, err
	}
	if err := writeAccess(identity, name, url); err != nil {
		return 1, err
	}
	etcd, err := startEtcd()
	if err != nil {
		return 1, err
	}
	defer etcd.Close()
	if err := serveControl(etcd.Server); err != nil {
		return 1, err
	}
	go announce(name, url)
	command := app.NewAPIServerCommand()
	command.SetArgs(append(arguments(url, port), more...))
	return cli.Run(command), nil
}

// arguments are kube-apiserver's. What comes later on a command line wins, so that tests can set these otherwise.
func arguments(url string, port int) []string {
	return []string{
		"--etcd-servers=" + etcdURL,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--cert-dir=certs",
		"--tls-cert-file=" + serverCert,
		"--tls-private-key-file=" + serverKey,
		"--client-ca-file=" + caCert,
		"--token-auth-file=" + tokensFile,
		"--authorization-mode=RBAC",
		"--service-account-issuer=" + url + "/",
		"--service-account-key-file=" + accountKey,
		"--service-account-signing-key-file=" + accountKey,
		// room for the services of a bench, each of which takes an address
		"--service-cluster-ip-range=10.0.0.0/12",
		// without a controller manager nobody makes service accounts
		"--disable-admission-plugins=ServiceAccount",
		// it would complain about publishing a loopback address
		"--endpoint-reconciler-type=none",
		"--shutdown-delay-duration=0",
		"--v=0",
	}
}

// announce prints the line that a test waits for, or ends the process with a sentence.
func announce(name, url string) {
	if err := prepare(adminConfig, readyTimeout); err != nil {
		fmt.Fprintln(os.Stderr, "apiserver: not ready:", err)
		os.Exit(1)
	}
	fmt.Println("ready", name, url)
}
