// Command externaldns does one round of external-dns with its provider for Alibaba Cloud DNS, as `external-dns --once`
// does it: read what is there, plan, apply. What is wanted comes from a file instead of a cluster. It stands beside
// fedns in a bench.
//
//	externaldns -endpoint 127.0.0.1:8443 -config FILE -wanted FILE [-registry txt] [-owner bench]
//
// -config is the provider's own (YAML: regionId, accessKeyId, accessKeySecret), -wanted an array of
// {"name", "type", "ttl", "targets"}. The provider asks by HTTPS alone; SSL_CERT_FILE names the authority.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/services/alidns"
	"github.com/sirupsen/logrus"
	"sigs.k8s.io/external-dns/endpoint"
	"sigs.k8s.io/external-dns/pkg/apis/externaldns"
	"sigs.k8s.io/external-dns/plan"
	"sigs.k8s.io/external-dns/provider/alibabacloud"
	"sigs.k8s.io/external-dns/registry"
	"sigs.k8s.io/external-dns/registry/noop"
	"sigs.k8s.io/external-dns/registry/txt"
)

// region is that of the configuration: the vendor's client looks for its endpoint there.
const region = "local"

// wanted is one RRset.
type wanted struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	TTL     int64    `json:"ttl"`
	Targets []string `json:"targets"`
}

// report is what is printed, as a line of JSON.
type report struct {
	Read    float64 `json:"read_seconds"`
	Applied float64 `json:"apply_seconds"`
	Creates int     `json:"creates"`
	Updates int     `json:"updates"`
	Deletes int     `json:"deletes"`
}

func main() {
	server := flag.String("endpoint", "", "HOST:PORT of the API")
	path := flag.String("wanted", "", "what is wanted")
	kind := flag.String("registry", "txt", "txt: ownership by TXT records, external-dns's default; noop: none")
	cfg := externaldns.NewConfig()
	flag.StringVar(&cfg.AlibabaCloudConfigFile, "config", "", "the provider's configuration")
	flag.StringVar(&cfg.TXTOwnerID, "owner", "bench", "of the TXT records")
	flag.Parse()
	logrus.SetLevel(logrus.ErrorLevel) // a line a failed call; ApplyChanges itself says that all is well
	alidns.EndpointMap = map[string]string{region: *server}
	cfg.ManagedDNSRecordTypes = []string{endpoint.RecordTypeA}
	if err := run(cfg, *kind, *path); err != nil {
		fmt.Fprintln(os.Stderr, "externaldns:", err)
		os.Exit(1)
	}
}

func run(cfg *externaldns.Config, kind, path string) error {
	ctx := context.Background()
	desired, err := read(path)
	if err != nil {
		return err
	}
	owner, err := open(ctx, cfg, kind)
	if err != nil {
		return err
	}
	begin := time.Now()
	current, err := owner.Records(ctx)
	if err != nil {
		return err
	}
	if desired, err = owner.AdjustEndpoints(desired); err != nil {
		return err
	}
	whole := plan.Plan{
		Policies:       []plan.Policy{&plan.SyncPolicy{}},
		Current:        current,
		Desired:        desired,
		DomainFilter:   endpoint.MatchAllDomainFilters{owner.GetDomainFilter()},
		ManagedRecords: cfg.ManagedDNSRecordTypes,
		OwnerID:        owner.OwnerID(),
	}
	changes := whole.Calculate().Changes
	done := report{
		Read: time.Since(begin).Seconds(), Creates: len(changes.Create), Updates: len(changes.UpdateNew),
		Deletes: len(changes.Delete),
	}
	begin = time.Now()
	if changes.HasChanges() {
		if err := owner.ApplyChanges(ctx, changes); err != nil {
			return err
		}
	}
	done.Applied = time.Since(begin).Seconds()
	return json.NewEncoder(os.Stdout).Encode(done)
}

func open(ctx context.Context, cfg *externaldns.Config, kind string) (registry.Registry, error) {
	provider, err := alibabacloud.New(ctx, cfg, endpoint.NewDomainFilter(nil))
	if err != nil {
		return nil, err
	}
	switch kind {
	case "txt":
		return txt.New(cfg, provider)
	case "noop":
		return noop.New(cfg, provider)
	}
	return nil, errors.New("the registry is txt or noop")
}

func read(path string) ([]*endpoint.Endpoint, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var sets []wanted
	if err := json.Unmarshal(text, &sets); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	endpoints := make([]*endpoint.Endpoint, 0, len(sets))
	for _, set := range sets {
		made := endpoint.NewEndpointWithTTL(set.Name, set.Type, endpoint.TTL(set.TTL), set.Targets...)
		if made == nil {
			return nil, fmt.Errorf("%s: external-dns doesn't take %q", path, set.Name)
		}
		endpoints = append(endpoints, made)
	}
	return endpoints, nil
}
