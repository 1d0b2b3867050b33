// Command fill gives a cluster many Services, each with a load balancer's address and an EndpointSlice, and then
// changes some of them over and over.
//
//	fill -kubeconfig FILE -etcd SOCKET [-objects 100000] [-changes 100] [-seconds 30]
//
// It fills etcd itself: through the API, each Service takes as long as there are Services already, because the API
// server counts the addresses in use for its metrics whenever it gives one away (10,000 take three minutes). The
// changes go through the API.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	workers  = 32
	patience = 3 * time.Minute
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the cluster, as an admin")
	socket := flag.String("etcd", "", "the socket of the cluster's etcd")
	objects := flag.Int("objects", 100000, "Services, and as many EndpointSlices; 0: they are there")
	endpoints := flag.Int("endpoints", 2, "endpoints of a slice")
	changes := flag.Int("changes", 0, "changes a second when all is there: of slices and load balancers by turns")
	among := flag.Int("among", 1000, "how many Services and slices are changed, again and again")
	seconds := flag.Int("seconds", 30, "how long to change")
	flag.Parse()
	ctx := context.Background()
	cluster, err := newCluster(*kubeconfig, *endpoints)
	if err == nil && *objects > 0 {
		err = cluster.fill(ctx, *socket, *objects)
	}
	if err == nil && *changes > 0 {
		err = cluster.change(ctx, *among, *changes, *seconds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fill:", err)
		os.Exit(1)
	}
}

// fill makes the first Service and slice by the API, and copies of them beside it.
func (c *cluster) fill(ctx context.Context, socket string, objects int) error {
	begin := time.Now()
	store, err := openStore(socket)
	if err != nil {
		return err
	}
	defer store.client.Close()
	if err := inParallel(ctx, min(namespaces, objects), c.createNamespace); err != nil {
		return err
	}
	first, err := c.createFirst(ctx)
	if err != nil {
		return err
	}
	batches := (objects + batch - 1) / batch
	err = inParallel(ctx, batches, func(ctx context.Context, i int) error {
		return store.putCopies(ctx, first, max(1, i*batch), min(objects, (i+1)*batch))
	})
	if err != nil {
		return err
	}
	written := time.Since(begin)
	if err := c.waitFor(ctx, objects); err != nil {
		return err
	}
	fmt.Printf("%d written in %.1f s, known to the API server after %.1f s\n",
		objects, written.Seconds(), time.Since(begin).Seconds())
	return nil
}

// waitFor waits until the API server has learnt of all from its etcd.
func (c *cluster) waitFor(ctx context.Context, objects int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return wait.PollUntilContextCancel(ctx, 100*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		services, slices, err := c.count(ctx)
		return min(services, slices) >= int64(objects), err
	})
}

// change makes changes at a steady rate, and says which rate that was in the end.
func (c *cluster) change(ctx context.Context, among, rate, seconds int) error {
	begin := time.Now()
	err := inParallel(ctx, rate*seconds, func(ctx context.Context, i int) error {
		time.Sleep(time.Until(begin.Add(time.Duration(i) * time.Second / time.Duration(rate))))
		n, round := i/2%among, i/2/among+1
		if i%2 == 0 {
			return c.setAddress(ctx, n, round)
		}
		return c.setReady(ctx, n, round%2 == 0)
	})
	took := time.Since(begin).Seconds()
	fmt.Printf("%d changes in %.1f s, %.0f a second\n", rate*seconds, took, float64(rate*seconds)/took)
	return err
}

// inParallel calls do with 0 to count - 1, in order but for the few that run beside each other, up to the first error.
func inParallel(ctx context.Context, count int, do func(context.Context, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= count {
					return
				}
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}
