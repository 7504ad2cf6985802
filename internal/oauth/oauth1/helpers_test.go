package oauth1

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// instant is when the requests of these tests are signed, in epoch seconds.
const instant = 1700000000

const window = 300 * time.Second

func now() time.Time { return time.Unix(instant, 0) }

// request takes a URL apart as an adapter does: the path stays as it was sent.
func request(t testing.TB, method, url string) *oauth.Request {
	t.Helper()
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		t.Fatalf("no scheme in %q", url)
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	end := strings.IndexByte(rest+"/", '/')
	scheme = strings.ToLower(scheme)
	return &oauth.Request{Method: method, Scheme: scheme, Host: oauth.CanonicalHost(scheme, rest[:end]), Path: rest[end:],
		Query: form(t, query), Header: http.Header{}, BodySeen: true, Source: netip.MustParseAddr("192.0.2.7")}
}

func form(t testing.TB, text string) oauth.Params {
	t.Helper()
	params, err := oauth.ParseForm(text)
	if err != nil {
		t.Fatal(err)
	}
	return params
}

// normal are the parameters as one string (RFC 5849 §3.4.1.3.2).
func normal(t testing.TB, params oauth.Params) string {
	t.Helper()
	text, err := oauth.Unescape(string(added(params).appendSorted(nil)), false)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func setBody(r *oauth.Request, contentType, body string) {
	r.Header.Set("Content-Type", contentType)
	r.Body = []byte(body)
}

const formType = "application/x-www-form-urlencoded"

// protocol returns the parameters of a request signed with method, but for its
// signature.
func protocol(method oauth.SignatureMethod) oauth.Params {
	return oauth.Params{
		{Name: "oauth_consumer_key", Value: "mobile"},
		{Name: "oauth_token", Value: "gth1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v"},
		{Name: "oauth_signature_method", Value: string(method)},
		{Name: "oauth_timestamp", Value: "1700000000"},
		{Name: "oauth_nonce", Value: "4572616e48616d6d65724c6168617600"},
		{Name: "oauth_version", Value: "1.0"},
	}
}

// with returns params with those of name set to value.
func with(params oauth.Params, name, value string) oauth.Params {
	params = slices.Clone(params)
	for i := range params {
		if params[i].Name == name {
			params[i].Value = value
			return params
		}
	}
	return append(params, oauth.Param{Name: name, Value: value})
}

// without returns params but for those called names.
func without(params oauth.Params, names ...string) oauth.Params {
	return slices.DeleteFunc(slices.Clone(params), func(p oauth.Param) bool { return slices.Contains(names, p.Name) })
}

func secretKey() Key {
	return Key{ClientSecret: oauth.NewSecret("kd94hf93k423kf44"), TokenSecret: oauth.NewSecret("pfkkdhi9sl3r4s00")}
}

func signer(method oauth.SignatureMethod) Signer {
	key := secretKey()
	return Signer{Method: method, ClientSecret: key.ClientSecret, TokenSecret: key.TokenSecret}
}

// sign puts params and their signature by signer into the header of r.
func sign(t testing.TB, r *oauth.Request, signer Signer, params oauth.Params) {
	t.Helper()
	body, err := oauth.ParseForm(formBody(r))
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(params, body, r.Query)
	signature, err := signer.Sign(r.Method, BaseURI(r.Scheme, r.Host, r.Path), all)
	if err != nil {
		t.Fatal(err)
	}
	signed := append(slices.Clone(params), oauth.Param{Name: "oauth_signature", Value: signature})
	r.Header.Set("Authorization", FormatHeader("", signed))
}

// signedOrder returns a GET that signer signed.
func signedOrder(t testing.TB, signer Signer) *oauth.Request {
	t.Helper()
	r := request(t, "GET", "https://api.example.com/orders?status=open")
	sign(t, r, signer, protocol(signer.Method))
	return r
}

func mustParse(t testing.TB, r *oauth.Request) *Signed {
	t.Helper()
	s, refusal := Parse(r)
	if refusal != nil {
		t.Fatalf("refused: %s: %s", refusal.Code, refusal.Description)
	}
	return &s
}

// code is the oauth_problem of a refusal, "" when there is none.
func code(refusal *oauth.Error) string {
	if refusal == nil {
		return ""
	}
	return refusal.Code
}
