package proxy

import (
	"context"
	"errors"
	"slices"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/oauth2"
	"gatehouse/internal/oauth/seal"
)

// errVerdict is a verdict that neither allows nor refuses.
var errVerdict = errors.New("proxy: the verdict is neither a permission nor a refusal")

// sender is who sent a request, and a nonce that is due to them.
type sender struct {
	session *oauth.Session // nil: nobody needs to have, and there are no credentials
	nonce   string
	fault   error // for the log
}

// authorize says who sent r. On a public path nobody needs to have, but where
// there are credentials they must hold there too.
func (p *Proxy) authorize(ctx context.Context, r *oauth.Request) (sender, *oauth.Error, error) {
	meant := methods(r)
	if !presents(r) && p.public(meant, r.Route) {
		return sender{}, nil, nil
	}
	if oauth1.IsSigned(r) && hasFormToken(r) {
		return sender{}, malformed("an access_token beside an OAuth 1.0 signature: there is one way to present credentials at a time"), nil
	}
	verdict, err := p.Access.Check(ctx, r)
	switch {
	case err != nil || verdict.Refusal != nil:
		return sender{}, verdict.Refusal, err
	case !verdict.Allowed:
		return sender{}, nil, errVerdict
	}
	for _, method := range meant {
		if refusal := p.Rules.Judge(method, r.Route, verdict.Session.TokenScope()); refusal != nil {
			return sender{}, refusal, nil
		}
	}
	return sender{&verdict.Session, verdict.Nonce, verdict.Fault}, nil, nil
}

// public reports whether the route is public whichever of the methods is meant.
func (p *Proxy) public(methods []string, route string) bool {
	return !slices.ContainsFunc(methods, func(method string) bool { return !p.Rules.Public(method, route) })
}

// presents reports whether r has anything that is meant as credentials, right
// or wrong.
func presents(r *oauth.Request) bool {
	_, token, refusal := oauth2.AccessToken(r)
	return len(r.Header.Values("Authorization")) > 0 || oauth1.IsSigned(r) || token != "" || refusal != nil
}

// hasFormToken tells one of our tokens from a field that the backend calls by
// the same name.
func hasFormToken(r *oauth.Request) bool {
	return r.IsForm() && slices.ContainsFunc(encodedFields(string(r.Body)), func(field oauth.Param) bool {
		_, ours := seal.KindOf(field.Value)
		return field.Name == "access_token" && ours
	})
}
