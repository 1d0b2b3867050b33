// Command leader holds a Lease by client-go's leader election, as controllers in Go do. It competes with fedns for one.
//
//	leader -kubeconfig FILE -namespace NAMESPACE -name NAME
//
// It prints, a line each, times in ms of CLOCK_MONOTONIC, which all processes share: "push MS" every 20 ms while it
// leads, and "leader MS 1" or "leader MS 0" when that begins or ends. SIGTERM gives the Lease back.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// The defaults of the controllers in Kubernetes itself.
const (
	leaseDuration = 15 * time.Second
	renewDeadline = 10 * time.Second
	retryPeriod   = 2 * time.Second

	pushPeriod = 20 * time.Millisecond
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the cluster")
	namespace := flag.String("namespace", "", "of the Lease")
	name := flag.String("name", "", "of the Lease")
	flag.Parse()
	if err := run(*kubeconfig, *namespace, *name); err != nil {
		fmt.Fprintln(os.Stderr, "leader:", err)
		os.Exit(1)
	}
}

func now() int64 {
	var at unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &at); err != nil {
		panic(err)
	}
	return at.Nano() / int64(time.Millisecond)
}

// push says that it leads, until it doesn't.
func push(ctx context.Context) {
	fmt.Println("leader", now(), 1)
	ticker := time.NewTicker(pushPeriod)
	defer ticker.Stop()
	for ctx.Err() == nil {
		fmt.Println("push", now())
		<-ticker.C
	}
}

func run(kubeconfig, namespace, name string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.Timeout = renewDeadline / 2
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Namespace: namespace, Name: name},
		Client:     client.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: fmt.Sprintf("client-go_%d", os.Getpid())},
	}
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock:            lock,
		LeaseDuration:   leaseDuration,
		RenewDeadline:   renewDeadline,
		RetryPeriod:     retryPeriod,
		ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: push,
			OnStoppedLeading: func() { fmt.Println("leader", now(), 0) },
		},
	})
	return nil
}
