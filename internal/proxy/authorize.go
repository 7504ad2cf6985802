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

// authorize says who sent r. The session is nil where nobody needs to have: on
// a public path, without credentials. With credentials they must hold there
// too.
func (p *Proxy) authorize(ctx context.Context, r *oauth.Request) (*oauth.Session, *oauth.Error, error) {
	meant := methods(r)
	if !presents(r) && p.public(meant, r.Route) {
		return nil, nil, nil
	}
	if oauth1.IsSigned(r) && hasFormToken(r) {
		return nil, malformed("an access_token beside an OAuth 1.0 signature: there is one way to present credentials at a time"), nil
	}
	verdict, err := p.Access.Check(ctx, r)
	switch {
	case err != nil || verdict.Refusal != nil:
		return nil, verdict.Refusal, err
	case !verdict.Allowed:
		return nil, nil, errVerdict
	}
	for _, method := range meant {
		if refusal := p.Rules.Judge(method, r.Route, verdict.Session.TokenScope()); refusal != nil {
			return nil, refusal, nil
		}
	}
	return &verdict.Session, nil, nil
}

// public reports whether the route is public whichever of the methods is meant.
func (p *Proxy) public(methods []string, route string) bool {
	return !slices.ContainsFunc(methods, func(method string) bool { return !p.Rules.Public(method, route) })
}

// presents reports whether r has anything that is meant as credentials, right
// or wrong.
func presents(r *oauth.Request) bool {
	token, refusal := oauth2.Bearer(r)
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
