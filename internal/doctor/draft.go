package doctor

import (
	"cmp"
	"crypto"
	"crypto/hmac"
	_ "crypto/sha1" // #nosec G505 -- HMAC-SHA1 and RSA-SHA1 of RFC 5849 §3.4
	_ "crypto/sha256"
	_ "crypto/sha512"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// draft is what a client signs, and how. The right draft is RFC 5849 §3.4; a
// mistake is a change of it.
type draft struct {
	method             string
	scheme, host, path string // without a scheme the URI is the path alone
	query              string // kept in the URI; empty, as it should be

	params      []param
	name, value encoder       // of the parameters
	order       func([]param) // sorts parameters that are encoded
	again       encoder       // of the parameters, once they are joined
	uriAgain    encoder

	client, token oauth.Secret
	spare         oauth.Secret // token secret of a request without a token
	secret        encoder
	join          string // between the secrets

	hash    crypto.Hash // 0: none, which is PLAINTEXT
	swapped bool        // key and text of the HMAC

	fixed string // the base string, whatever else the draft says
}

// param is a parameter and where it was sent.
type param struct {
	oauth.Param
	in     place
	bare   bool // signed without an equals sign
	hidden bool // never to be shown

	name, value string // encoded
}

// place is where a parameter was sent.
type place int

const (
	inHeader place = iota
	inForm
	inQuery
	nowhere
)

// encoder encodes a name, a value or a secret.
type encoder func(string) string

func asIs(text string) string { return text }

// uri is the base string URI (RFC 5849 §3.4.1.2).
func (d *draft) uri() string {
	if d.scheme == "" {
		return d.path + d.query
	}
	return d.scheme + "://" + d.host + d.path + d.query
}

// encoded returns the parameters encoded and in order (RFC 5849 §3.4.1.3.2).
func (d *draft) encoded() []param {
	params := slices.Clone(d.params)
	for i := range params {
		params[i].name, params[i].value = d.name(params[i].Name), d.value(params[i].Value)
	}
	d.order(params)
	return params
}

func (p *param) pair() string {
	if p.bare {
		return p.name
	}
	return p.name + "=" + p.value
}

func joined(params []param) string {
	pairs := make([]string, len(params))
	for i := range params {
		pairs[i] = params[i].pair()
	}
	return strings.Join(pairs, "&")
}

// base is the signature base string (RFC 5849 §3.4.1.1).
func (d *draft) base() string {
	if d.fixed != "" {
		return d.fixed
	}
	return d.method + "&" + d.uriAgain(d.uri()) + "&" + d.again(joined(d.encoded()))
}

// pairOfSecrets is the key of the HMAC methods, and all of PLAINTEXT.
func (d *draft) pairOfSecrets() []byte {
	return []byte(d.secret(d.client.Reveal()) + d.join + d.secret(d.token.Reveal()))
}

// sign makes the bytes of the signature of base.
func (d *draft) sign(base string) []byte {
	key, text := d.pairOfSecrets(), []byte(base)
	if d.hash == 0 {
		return key
	}
	if d.swapped {
		key, text = text, key
	}
	mac := hmac.New(d.hash.New, key)
	mac.Write(text)
	return mac.Sum(nil)
}

// byPairs orders by encoded names, then values (RFC 5849 §3.4.1.3.2).
func byPairs(params []param) {
	slices.SortFunc(params, func(a, b param) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
}

// redacted is the draft without the passwords that may be in it.
func (d *draft) redacted() *draft {
	shown := *d
	shown.params = slices.Clone(d.params)
	for i := range shown.params {
		switch p := &shown.params[i]; {
		case p.hidden:
			p.Name, p.Value = redacted, ""
		case secretive(p.Name):
			p.Value = redacted
		}
	}
	return &shown
}

const redacted = "redacted"

// secretive reports whether a parameter called name has a value that nobody
// else may see.
func secretive(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"password", "passwd", "secret", "access_token", "refresh_token", "verifier"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// rightDraft is what should have been signed; able is false when that cannot be
// known or not be checked.
func (r *reading) rightDraft() (d *draft, able bool) {
	hash, isRSA := hashOf(r.method)
	if r.signature == "" || !r.methodKnown || !r.hasKey(isRSA) {
		return nil, false
	}
	q := r.c.Request
	d = &draft{method: strings.ToUpper(q.Method), scheme: strings.ToLower(q.Scheme), host: oauth.CanonicalHost(q.Scheme, q.Host),
		path: cmp.Or(q.Path, "/"), params: r.params, name: oauth1.Escape, value: oauth1.Escape, order: byPairs,
		again: oauth1.Escape, uriAgain: oauth1.Escape, secret: oauth1.Escape, join: "&", hash: hash}
	if !isRSA {
		d.client = r.c.Key.ClientSecret
	}
	if d.spare = r.c.Key.TokenSecret; r.token != "" && !isRSA {
		d.token = d.spare
	}
	return d, true
}

// hasKey reports whether there is all that the signature is checked with. The
// secret of a token that is nobody's is not known.
func (r *reading) hasKey(isRSA bool) bool {
	switch {
	case isRSA:
		return r.publicKey != nil
	case r.token != "" && r.c.Token != TokenFine && r.c.Key.TokenSecret.Empty():
		return false
	}
	return !r.c.Key.ClientSecret.Empty()
}

// hashOf returns the hash of a signature method, 0 for PLAINTEXT.
func hashOf(method oauth.SignatureMethod) (hash crypto.Hash, isRSA bool) {
	switch method {
	case oauth.HMACSHA1:
		return crypto.SHA1, false
	case oauth.HMACSHA256:
		return crypto.SHA256, false
	case oauth.HMACSHA512:
		return crypto.SHA512, false
	case oauth.RSASHA1:
		return crypto.SHA1, true
	case oauth.RSASHA256:
		return crypto.SHA256, true
	case oauth.RSASHA512:
		return crypto.SHA512, true
	}
	return 0, false
}
