package deployment

import (
	"context"
	"errors"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
	"gatehouse/internal/proxy"
)

// ErrNoUpstream means that there is no backend to carry requests to.
var ErrNoUpstream = errors.New("environment variable UPSTREAM_URL: is not set; template.yaml sets it")

// Proxy is the handler of functions/proxy, or ErrNoUpstream.
func (d *Deployment) Proxy() (apigateway.Handler, error) {
	if d.Settings.Upstream == nil {
		return nil, ErrNoUpstream
	}
	endpoint := &proxy.Proxy{
		Access:    d.accessWithNonces(d.auth()),
		Rules:     d.Settings.Rules,
		Upstream:  d.Settings.Upstream,
		Transport: proxy.NewTransport(),
		Keys:      d.Keys,
		Clock:     d.Clock,
		Rand:      d.Rand,
		Realm:     d.Settings.Terms.Realm,
		Timeout:   d.Settings.UpstreamTimeout,
	}
	d.Keys.AssertionKey() // made now rather than in the first request
	n := d.renewal()
	return d.gateway().Proxy(withPublicKeysRenewed(n, withFreshKeys(n, endpoint.Serve, unknownKeyAnswer))), nil
}

// withPublicKeysRenewed has the public keys up to date: another function may
// sign with a new key already, and no token in such a request would tell. While
// the keyring can't be read, those that are there are better than none.
func withPublicKeysRenewed(n *renewal, serve func(context.Context, *oauth.Request) (oauth.Response, error)) func(context.Context, *oauth.Request) (oauth.Response, error) {
	return func(ctx context.Context, r *oauth.Request) (oauth.Response, error) {
		if r.Route != proxy.KeysRoute {
			return serve(ctx, r)
		}
		_, fault := n.renew(ctx)
		response, err := serve(ctx, r)
		response.Fault = fault
		return response, err
	}
}
