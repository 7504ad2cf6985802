package proxy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"slices"
	"strings"

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

// methods are the one that was sent and those that a backend may take for it,
// by a header or by the field _method, as common frameworks do: what a method
// needs must not be got round by saying it elsewhere.
func methods(r *oauth.Request) []string {
	all := []string{r.Method}
	for name, values := range r.Header {
		switch normal(name) {
		case "x-http-method-override", "x-http-method", "x-method-override":
			all = append(all, values...)
		}
	}
	fields := append(slices.Clone(r.Query), formFields(r)...)
	for _, field := range fields {
		if field.Name == "_method" {
			all = append(all, field.Value)
		}
	}
	for i := range all {
		all[i] = strings.ToUpper(strings.TrimSpace(all[i]))
	}
	return all
}

// formFields are those of a form of either kind, as far as it can be read: what
// a backend can't read either says nothing to it.
func formFields(r *oauth.Request) (fields oauth.Params) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.IsForm():
		return encodedFields(string(r.Body))
	case err != nil || media != "multipart/form-data" || params["boundary"] == "":
		return nil
	}
	parts := multipart.NewReader(bytes.NewReader(r.Body), params["boundary"])
	for len(fields) < oauth.MaxParams {
		part, err := parts.NextPart()
		if err != nil {
			break
		}
		const longest = 64 // bytes; no method is longer
		value, err := io.ReadAll(io.LimitReader(part, longest))
		if err == nil {
			fields = append(fields, oauth.Param{Name: part.FormName(), Value: string(value)})
		}
	}
	return fields
}

// encodedFields passes over the pairs that are no form, since backends do.
func encodedFields(text string) (fields oauth.Params) {
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, errName := oauth.UnescapeForm(name)
		value, errValue := oauth.UnescapeForm(value)
		if errName == nil && errValue == nil {
			fields = append(fields, oauth.Param{Name: name, Value: value})
		}
	}
	return fields
}
