package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

const (
	tokensFile  = "tokens.csv"
	adminConfig = "admin.kubeconfig"
	adminGroup  = "system:masters"
	readerUser  = "fedns"
	readerGroup = "fedns-readers"

	adminToken  = "testtoken-admin"
	readerToken = "testtoken-fedns"
	nobodyToken = "testtoken-nobody"
)

// What fedns may do in a cluster that it watches.
//
//go:embed role.yaml
var roleYAML []byte

// writeAccess writes the tokens and a kubeconfig file for each way to come in.
func writeAccess(id *identity, name, url string) error {
	tokens := strings.Join([]string{
		adminToken + `,admin,1,"` + adminGroup + `"`,
		readerToken + "," + readerUser + `,2,"` + readerGroup + `"`,
		nobodyToken + ",nobody,3",
	}, "\n") + "\n"
	if err := os.WriteFile(tokensFile, []byte(tokens), 0o600); err != nil {
		return err
	}
	inline := api.Cluster{Server: url, CertificateAuthorityData: id.ca}
	// names of files in a kubeconfig count from its own folder
	byFile := api.Cluster{Server: url, CertificateAuthority: caCert}
	certificate := api.AuthInfo{ClientCertificateData: id.cert, ClientKeyData: id.key}
	for file, access := range map[string]struct {
		cluster api.Cluster
		user    api.AuthInfo
	}{
		adminConfig:              {inline, api.AuthInfo{Token: adminToken}},
		"cafile.kubeconfig":      {byFile, api.AuthInfo{Token: adminToken}},
		"certificate.kubeconfig": {inline, certificate},
		"certfiles.kubeconfig":   {byFile, api.AuthInfo{ClientCertificate: clientCert, ClientKey: clientKey}},
		"fedns.kubeconfig":       {inline, api.AuthInfo{Token: readerToken}},
		"nobody.kubeconfig":      {inline, api.AuthInfo{Token: nobodyToken}},
		"stranger.kubeconfig":    {inline, api.AuthInfo{Token: "testtoken-unknown"}},
	} {
		config := api.Config{
			Clusters:       map[string]*api.Cluster{name: &access.cluster},
			AuthInfos:      map[string]*api.AuthInfo{name: &access.user},
			Contexts:       map[string]*api.Context{name: {Cluster: name, AuthInfo: name}},
			CurrentContext: name,
		}
		if err := clientcmd.WriteToFile(config, file); err != nil {
			return err
		}
	}
	return nil
}

// prepare waits until the server can be asked, and gives the restricted user its role.
func prepare(kubeconfig string, timeout time.Duration) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var last error
	err = wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		_, last = client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("%w: %w", err, last)
	}
	return grant(ctx, client)
}

// grant makes the role and binds it, unless they are there from an earlier start in this folder.
func grant(ctx context.Context, client kubernetes.Interface) error {
	var role rbacv1.ClusterRole
	if err := yaml.Unmarshal(roleYAML, &role); err != nil {
		return err
	}
	binding := rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: readerGroup}},
	}
	_, err := client.RbacV1().ClusterRoles().Create(ctx, &role, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	_, err = client.RbacV1().ClusterRoleBindings().Create(ctx, &binding, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return nil
}
