package main

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const namespaces = 100

// cluster is spoken to through its API.
type cluster struct {
	client    kubernetes.Interface
	endpoints int
}

func newCluster(kubeconfig string, endpoints int) (*cluster, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1 // as fast as the server lets us
	client, err := kubernetes.NewForConfig(config)
	return &cluster{client, endpoints}, err
}

func space(n int) string {
	return fmt.Sprintf("ns-%02d", n%namespaces)
}

func serviceName(n int) string {
	return fmt.Sprintf("svc-%06d", n)
}

func sliceName(n int) string {
	return serviceName(n) + "-a"
}

// address is another one for each round of changes.
func address(n, round int) string {
	return fmt.Sprintf("%d.%d.%d.%d", 11+round%100, n>>16&255, n>>8&255, n&255)
}

func ingress(n, round int) []corev1.LoadBalancerIngress {
	return []corev1.LoadBalancerIngress{{IP: address(n, round)}}
}

// endpointsOf are the endpoints of a slice, of which the first is ready or not.
func (c *cluster) endpointsOf(n int, ready bool) []discoveryv1.Endpoint {
	all := make([]discoveryv1.Endpoint, c.endpoints)
	for i := range all {
		isReady := i > 0 || ready
		all[i].Addresses = []string{address(n, i)}
		all[i].Conditions.Ready = &isReady
	}
	return all
}

func (c *cluster) createNamespace(ctx context.Context, n int) error {
	object := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: space(n)}}
	_, err := c.client.CoreV1().Namespaces().Create(ctx, object, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// createFirst makes Service 0 and its slice, and returns them as the server completed them.
func (c *cluster) createFirst(ctx context.Context) (*sample, error) {
	services := c.client.CoreV1().Services(space(0))
	service, err := services.Create(ctx, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: serviceName(0), Namespace: space(0)},
		Spec: corev1.ServiceSpec{
			Type:  corev1.ServiceTypeLoadBalancer,
			Ports: []corev1.ServicePort{{Name: "http", Port: 80}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	service.Status.LoadBalancer.Ingress = ingress(0, 0)
	if service, err = services.UpdateStatus(ctx, service, metav1.UpdateOptions{}); err != nil {
		return nil, err
	}
	port, number := "http", int32(8080)
	slice, err := c.client.DiscoveryV1().EndpointSlices(space(0)).Create(ctx, &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Name: sliceName(0), Namespace: space(0),
			Labels: map[string]string{discoveryv1.LabelServiceName: serviceName(0)},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Name: &port, Port: &number}},
		Endpoints:   c.endpointsOf(0, true),
	}, metav1.CreateOptions{})
	return &sample{service, slice}, err
}

// count asks for one object, and is told how many more there are.
func (c *cluster) count(ctx context.Context) (services, slices int64, err error) {
	one := metav1.ListOptions{Limit: 1}
	list, err := c.client.CoreV1().Services("").List(ctx, one)
	if err != nil {
		return 0, 0, err
	}
	sliceList, err := c.client.DiscoveryV1().EndpointSlices("").List(ctx, one)
	if err != nil {
		return 0, 0, err
	}
	total := func(here int, remaining *int64) int64 {
		if remaining == nil {
			return int64(here)
		}
		return int64(here) + *remaining
	}
	return total(len(list.Items), list.RemainingItemCount), total(len(sliceList.Items), sliceList.RemainingItemCount), nil
}

func (c *cluster) setAddress(ctx context.Context, n, round int) error {
	balancer := map[string]any{"ingress": ingress(n, round)}
	body, err := json.Marshal(map[string]any{"status": map[string]any{"loadBalancer": balancer}})
	if err != nil {
		return err
	}
	services := c.client.CoreV1().Services(space(n))
	_, err = services.Patch(ctx, serviceName(n), types.MergePatchType, body, metav1.PatchOptions{}, "status")
	return err
}

func (c *cluster) setReady(ctx context.Context, n int, ready bool) error {
	body, err := json.Marshal(map[string]any{"endpoints": c.endpointsOf(n, ready)})
	if err != nil {
		return err
	}
	slices := c.client.DiscoveryV1().EndpointSlices(space(n))
	_, err = slices.Patch(ctx, sliceName(n), types.MergePatchType, body, metav1.PatchOptions{})
	return err
}
