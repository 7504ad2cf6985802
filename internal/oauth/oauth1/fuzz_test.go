package oauth1

import (
	"crypto/rsa"
	"net/http"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// FuzzHeader holds that what was read of a header can be written and read
// again, and is signed by the book. Its seeds are the published headers.
func FuzzHeader(f *testing.F) {
	for _, published := range publishedRequests(f) {
		f.Add(strings.TrimPrefix(published.Authorization, "OAuth "))
	}
	for _, text := range []string{`%72ealm="a",b="%22"`, `realm="\"",a="1"`, `a="\"`, `a=1`, `a="1",,`, "a\t=\r\n\"%00\" ,%FF=\"\""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, err := ParseHeader(text)
		signed, refusal := (&Protocol{}).takeHeader(normalized{}, text)
		if (err != nil) != (refusal != nil) {
			t.Fatalf("%q: read with %v, taken with %v", text, err, refusal)
		}
		if err != nil {
			return
		}
		holdsByTheBook(t, signed, without(want, "oauth_signature"))
		written := FormatHeader("", want)
		got, err := ParseHeader(strings.TrimPrefix(written, "OAuth "))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is written as %q and read as %q, %v", want, written, got, err)
		}
	})
}

// FuzzForm holds that what was read of a form can be written and read again, and
// is signed by the book. Its seeds are the published queries and bodies.
func FuzzForm(f *testing.F) {
	for _, published := range publishedRequests(f) {
		_, query, _ := strings.Cut(published.URL, "?")
		f.Add(query)
		f.Add(published.Body)
	}
	for _, text := range []string{"=", "a&&b=", "a=b=c", "%26=%3D+%2B", "a=%", "\xff", "+=+"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, err := oauth.ParseForm(text)
		if n, ok := (normalized{}).addForm([]byte(text)); ok {
			holdsByTheBook(t, n, want)
		}
		if err != nil {
			return
		}
		holdsByTheBook(t, added(want), want)
		written := EncodeForm(want)
		got, err := oauth.ParseForm(written)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is written as %q and read as %q, %v", want, written, got, err)
		}
	})
}

// FuzzParse holds that any request is either refused in the protocol's words
// or can be signed and verified, and that one changed byte anywhere in it is
// then refused. Its seeds are the published requests.
func FuzzParse(f *testing.F) {
	for i, published := range publishedRequests(f) {
		_, query, _ := strings.Cut(published.URL, "?")
		f.Add(published.Authorization, query, published.ContentType, published.Body, i%8 == 7, uint(i*31), byte(i))
	}
	f.Add("OAuth "+inHeader, "a=1&a=1&oauth_callback=oob", "application/x-www-form-urlencoded;charset=utf-8", "c+d=%C3%9F", false, uint(0), byte(0x20))
	f.Add("", strings.Replace(inForm, "HMAC-SHA1", "RSA-SHA512", 1), "text/plain", "\xff", false, uint(99), byte(1))
	f.Add("", "", formType, strings.Replace(inForm, "HMAC-SHA1", "PLAINTEXT", 1), false, uint(40), byte(4))
	private := rsaKey(f, 1024)
	key := secretKey()
	key.RSAPublicKey = pkix(f, &private.PublicKey)
	f.Fuzz(func(t *testing.T, authorization, query, contentType, body string, hidden bool, at uint, mask byte) {
		params, err := oauth.ParseForm(query)
		if err != nil {
			return // an adapter has refused it
		}
		r := request(t, "POST", "https://api.example.com:8443/a%2Fb")
		r.Query, r.BodySeen = params, !hidden
		r.Header = http.Header{"Content-Type": {contentType}, "Authorization": {authorization}}
		if !hidden {
			r.Body = []byte(body)
		}
		s, refusal := Parse(r)
		if refusal != nil {
			refusedInWords(t, s, refusal)
			return
		}
		if again := signedAgain(t, &s, private); again != nil {
			onlyAsSigned(t, again, key, int(at%(1<<16)), mask)
		}
	})
}

func refusedInWords(t *testing.T, s Signed, refusal *oauth.Error) {
	if s.Protocol != nil || refusal.Code == "" || refusal.Description == "" || refusal.Status/100 != 4 {
		t.Errorf("refused as %+v with %+v", refusal, s)
	}
}

// signedAgain returns a request with the parameters of s, all in the query,
// and a signature of its own. It is nil when the method signs nothing.
func signedAgain(t *testing.T, s *Signed, private *rsa.PrivateKey) *oauth.Request {
	maker := signer(s.Method)
	maker.RSAPrivateKey = private
	if _, _, err := hashOf(s.Method); err != nil {
		return nil
	}
	r := *s.request
	signature, err := maker.Sign(r.Method, BaseURI(r.Scheme, r.Host, r.Path), s.Params())
	if err != nil {
		t.Fatal(err)
	}
	r.Header, r.Body = http.Header{}, nil
	r.Query = append(slices.Clone(s.Params()), oauth.Param{Name: "oauth_signature", Value: signature})
	return &r
}

// onlyAsSigned holds that r verifies, and no longer with a bit of byte at
// changed.
func onlyAsSigned(t *testing.T, r *oauth.Request, key Key, at int, mask byte) {
	if s := mustParse(t, r); !s.Verify(key) {
		t.Fatalf("%+v is refused", r)
	}
	if !damage(r, at, mask) {
		return
	}
	if s, refusal := Parse(r); refusal == nil && s.Verify(key) {
		t.Errorf("%+v verifies after byte %d was changed by %#x", r, at, mask)
	}
}

// damage changes byte at of what is signed in r, and reports whether it did:
// the case of method and host is not signed.
func damage(r *oauth.Request, at int, mask byte) bool {
	all := []*string{&r.Method, &r.Host, &r.Path}
	r.Query = slices.Clone(r.Query)
	for i := range r.Query {
		all = append(all, &r.Query[i].Name, &r.Query[i].Value)
	}
	for i, field := range all {
		if at >= len(*field) {
			at -= len(*field)
			continue
		}
		changed := []byte(*field)
		changed[at] ^= mask
		before := *field
		*field = string(changed)
		return mask != 0 && (i >= 2 || !strings.EqualFold(before, *field))
	}
	return false
}

// TestVerifyRefusesOneChangedByte changes each byte of a signed request.
func TestVerifyRefusesOneChangedByte(t *testing.T) {
	for _, method := range []oauth.SignatureMethod{oauth.HMACSHA1, oauth.HMACSHA256, oauth.HMACSHA512} {
		r := request(t, "POST", "https://api.example.com:8443/a%2Fb?q=%C3%9F+1&q=&a=1")
		sign(t, r, signer(method), protocol(method))
		original := signedAgain(t, mustParse(t, r), nil)
		for _, mask := range []byte{0x01, 0x02, 0x20, 0x80} {
			for at := range len(original.Method) + len(original.Host) + len(original.Path) + len(EncodeForm(original.Query)) {
				changed := *original
				onlyAsSigned(t, &changed, secretKey(), at, mask)
			}
		}
	}
}
