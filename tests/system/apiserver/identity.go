package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"time"
)

const (
	caCert     = "ca.crt"
	serverCert = "server.crt"
	serverKey  = "server.key"
	clientCert = "client.crt"
	clientKey  = "client.key"
	accountKey = "service-account.key"

	validFor = 10 * 365 * 24 * time.Hour
)

// identity is what the kubeconfig files carry of the certificates, as PEM.
type identity struct {
	ca, cert, key []byte
}

// loadIdentity reads the folder's certificates, and makes them first where there are none. The authority's key isn't
// kept: nothing is signed later.
func loadIdentity() (*identity, error) {
	if _, err := os.Stat(accountKey); errors.Is(err, os.ErrNotExist) {
		if err := makeIdentity(); err != nil {
			return nil, err
		}
	}
	var files [3][]byte
	for i, name := range []string{caCert, clientCert, clientKey} {
		var err error
		if files[i], err = os.ReadFile(name); err != nil {
			return nil, err
		}
	}
	return &identity{ca: files[0], cert: files[1], key: files[2]}, nil
}

func makeIdentity() error {
	authority := template("fedns test authority")
	authority.IsCA, authority.BasicConstraintsValid = true, true
	authority.KeyUsage = x509.KeyUsageCertSign
	caKey, err := newKey()
	if err != nil {
		return err
	}
	if err := sign(caCert, authority, authority, caKey.Public(), caKey); err != nil {
		return err
	}

	server := template("127.0.0.1")
	server.DNSNames = []string{"localhost"}
	server.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if err := issue(serverCert, serverKey, server, authority, caKey); err != nil {
		return err
	}

	// a client certificate's names are the user and the groups
	client := template("certificate-admin")
	client.Subject.Organization = []string{adminGroup}
	client.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if err := issue(clientCert, clientKey, client, authority, caKey); err != nil {
		return err
	}

	// the last to be written: where it is, everything is
	key, err := newKey()
	if err != nil {
		return err
	}
	return writeKey(accountKey, key)
}

func template(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(validFor),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
}

// issue makes a key and has the authority sign a certificate for it.
func issue(certFile, keyFile string, cert, authority *x509.Certificate, caKey crypto.Signer) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	if err := writeKey(keyFile, key); err != nil {
		return err
	}
	return sign(certFile, cert, authority, key.Public(), caKey)
}

func sign(file string, cert, authority *x509.Certificate, public crypto.PublicKey, caKey crypto.Signer) error {
	der, err := x509.CreateCertificate(rand.Reader, cert, authority, public, caKey)
	if err != nil {
		return err
	}
	return writePEM(file, "CERTIFICATE", der)
}

func newKey() (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

// writeKey writes the older of the two forms: of PKCS 8 the API server can't take a public key.
func writeKey(file string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(file, "EC PRIVATE KEY", der)
}

func writePEM(file, kind string, der []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
