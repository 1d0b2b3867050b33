package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver"
)

const (
	etcdClient    = "etcd.sock:1" // the name of a socket in the folder, in the form host:port that etcd wants
	etcdPeer      = "etcd.sock:2"
	etcdURL       = "unix://" + etcdClient
	controlSocket = "control.sock"

	etcdTimeout = time.Minute
	// etcd's own default is 10 minutes: too slow for bookmarks to move during a test
	progressInterval = 5 * time.Second
	etcdQuota        = 6 << 30

	// the key by which API servers tell each other up to where they compacted
	compactKey = "compact_rev_key"
)

func startEtcd() (*embed.Etcd, error) {
	client := []url.URL{{Scheme: "unix", Host: etcdClient}}
	peer := []url.URL{{Scheme: "unix", Host: etcdPeer}}
	config := embed.NewConfig()
	config.Dir = "etcd"
	config.LogLevel = "error"
	config.ListenClientUrls, config.AdvertiseClientUrls = client, client
	config.ListenPeerUrls, config.AdvertisePeerUrls = peer, peer
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.WatchProgressNotifyInterval = progressInterval
	config.QuotaBackendBytes = etcdQuota
	// what a test wrote need not survive a power cut
	config.UnsafeNoFsync = true
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return etcd, nil
	case err := <-etcd.Err():
		return nil, err
	case <-time.After(etcdTimeout):
		etcd.Close()
		return nil, errors.New("etcd is not ready")
	}
}

// serveControl answers POST /compact on a socket in the folder with the revision below which nothing is remembered.
func serveControl(server *etcdserver.EtcdServer) error {
	if err := os.Remove(controlSocket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err // left by a process that was killed
	}
	listener, err := net.Listen("unix", controlSocket)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /compact", func(w http.ResponseWriter, r *http.Request) {
		revision, err := compact(r.Context(), server)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, revision)
	})
	go func() {
		err := http.Serve(listener, mux)
		fmt.Fprintln(os.Stderr, "apiserver: the control socket:", err)
	}()
	return nil
}

// compact does what an API server does every few minutes, at once and up to the present: it writes down the revision,
// so that the API server's own caches forget as well, and has etcd forget what was before it.
func compact(ctx context.Context, server *etcdserver.EtcdServer) (int64, error) {
	revision := server.KV().Rev()
	_, err := server.Put(ctx, &etcdserverpb.PutRequest{
		Key:   []byte(compactKey),
		Value: []byte(strconv.FormatInt(revision, 10)),
	})
	if err != nil {
		return 0, err
	}
	_, err = server.Compact(ctx, &etcdserverpb.CompactionRequest{Revision: revision, Physical: true})
	return revision, err
}
