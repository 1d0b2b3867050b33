// Command informer watches the Services and EndpointSlices of a cluster as controllers in Go do, by client-go's shared
// informers, and says what that costs. It stands beside fedns in a bench.
//
//	informer -kubeconfig FILE [-seconds 30]
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

const syncTimeout = 10 * time.Minute

// report is what is printed, a line of JSON each: once all is known, and at the end.
type report struct {
	At       string  `json:"at"`
	Seconds  float64 `json:"seconds"`
	CPU      float64 `json:"cpu_seconds"`
	RSS      string  `json:"rss"`
	Peak     string  `json:"peak"`
	Services int     `json:"services"`
	Slices   int     `json:"slices"`
	Events   int64   `json:"events"`
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the cluster")
	seconds := flag.Float64("seconds", 30, "how long to watch once all is known")
	flag.Parse()
	if err := run(*kubeconfig, time.Duration(*seconds*float64(time.Second))); err != nil {
		fmt.Fprintln(os.Stderr, "informer:", err)
		os.Exit(1)
	}
}

func run(kubeconfig string, watch time.Duration) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	begin := time.Now()
	factory := informers.NewSharedInformerFactory(client, 0)
	services := factory.Core().V1().Services().Informer()
	slices := factory.Discovery().V1().EndpointSlices().Informer()
	var events atomic.Int64
	count := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { events.Add(1) },
		UpdateFunc: func(any, any) { events.Add(1) },
		DeleteFunc: func(any) { events.Add(1) },
	}
	var known []cache.InformerSynced
	for _, informer := range []cache.SharedIndexInformer{services, slices} {
		registration, err := informer.AddEventHandler(count)
		if err != nil {
			return err
		}
		known = append(known, registration.HasSynced) // and not the informer's own: the handlers have been called
	}
	factory.Start(ctx.Done())
	limit, stop := context.WithTimeout(ctx, syncTimeout)
	defer stop()
	if !cache.WaitForCacheSync(limit.Done(), known...) {
		return fmt.Errorf("not all is known after %s", syncTimeout)
	}
	tell := func(at string) error {
		return tell(report{
			At: at, Seconds: time.Since(begin).Seconds(), Events: events.Load(),
			Services: len(services.GetStore().ListKeys()), Slices: len(slices.GetStore().ListKeys()),
		})
	}
	if err := tell("known"); err != nil {
		return err
	}
	time.Sleep(watch)
	return tell("end")
}

// tell adds what the kernel knows of this process, and prints it all.
func tell(r report) error {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	r.CPU = time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(status)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch key {
		case "VmRSS":
			r.RSS = strings.TrimSpace(value)
		case "VmHWM":
			r.Peak = strings.TrimSpace(value)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}
