package main

import (
	"bytes"
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
)

const batch = 60 // Services with a slice each; etcd takes up to 128 changes at once

// store is the cluster's etcd, and the form in which the API server keeps objects in it.
type store struct {
	client  *clientv3.Client
	encoder runtime.Encoder
}

func openStore(socket string) (*store, error) {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{"unix:" + socket}})
	return &store{client, protobuf.NewSerializer(scheme.Scheme, scheme.Scheme)}, err
}

// putCopies writes the Services and slices from number first to before number end.
func (s *store) putCopies(ctx context.Context, of *sample, first, end int) error {
	var puts []clientv3.Op
	for n := first; n < end; n++ {
		oneService, oneSlice := of.copy(n)
		for key, object := range map[string]runtime.Object{
			"/registry/services/specs/" + space(n) + "/" + oneService.Name: oneService,
			"/registry/endpointslices/" + space(n) + "/" + oneSlice.Name:   oneSlice,
		} {
			var value bytes.Buffer
			if err := s.encoder.Encode(object, &value); err != nil {
				return err
			}
			puts = append(puts, clientv3.OpPut(key, value.String()))
		}
	}
	_, err := s.client.Txn(ctx).Then(puts...).Commit()
	return err
}

// sample is what is copied.
type sample struct {
	service *corev1.Service
	slice   *discoveryv1.EndpointSlice
}

func (of *sample) copy(n int) (*corev1.Service, *discoveryv1.EndpointSlice) {
	oneService, oneSlice := of.service.DeepCopy(), of.slice.DeepCopy()
	oneService.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}
	become(&oneService.ObjectMeta, serviceName(n), n, 'a')
	// an address of its own would have to be in the API server's books, and two can't share one
	oneService.Spec.ClusterIP, oneService.Spec.ClusterIPs = "", nil
	oneService.Spec.Ports[0].NodePort = 0
	oneService.Status.LoadBalancer.Ingress = ingress(n, 0)
	oneSlice.TypeMeta = metav1.TypeMeta{APIVersion: "discovery.k8s.io/v1", Kind: "EndpointSlice"}
	become(&oneSlice.ObjectMeta, sliceName(n), n, 'b')
	oneSlice.Labels[discoveryv1.LabelServiceName] = serviceName(n)
	for i := range oneSlice.Endpoints {
		oneSlice.Endpoints[i].Addresses = []string{address(n, i)}
	}
	return oneService, oneSlice
}

// become gives a copy an identity. Its version is etcd's, and is not kept in the object.
func become(meta *metav1.ObjectMeta, name string, n int, kind rune) {
	meta.Name, meta.Namespace = name, space(n)
	meta.UID = types.UID(fmt.Sprintf("%c0000000-0000-4000-8000-%012x", kind, n))
	meta.ResourceVersion = ""
}
