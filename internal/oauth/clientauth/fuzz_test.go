package clientauth

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"gatehouse/internal/oauth"
)

// FuzzBasic holds that id and secret are read of HTTP Basic as net/http and
// net/url read them, that what was written is read again, and that a refusal
// repeats neither.
func FuzzBasic(f *testing.F) {
	f.Add("mobile", "s3cret", "Basic bW9iaWxlOnMzY3JldA==")
	f.Add(hardID, hardSecret, "basic  Og==")
	f.Add("", "", "Basic")
	f.Add("a", ":", "Basic YTolenp=")
	f.Add("a+b", "%zz", "Basic YQ==\n")
	f.Fuzz(func(t *testing.T, id, secret, header string) {
		if utf8.ValidString(id) && utf8.ValidString(secret) {
			r := &oauth.Request{Header: http.Header{}}
			r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret))))
			gotID, gotSecret, refusal := basic(r, nil)
			if long := len(r.Header.Get("Authorization")) > oauth.MaxHeader; !long && (refusal != nil || gotID != id || gotSecret.Reveal() != secret) {
				t.Fatalf("%q and %q became %q and %q, %+v", id, secret, gotID, gotSecret.Reveal(), refusal)
			}
		}
		r := &oauth.Request{Header: http.Header{"Authorization": {header}}}
		if scheme, _ := r.Authorization(); !strings.EqualFold(scheme, "Basic") {
			return // not read as Basic
		}
		gotID, gotSecret, refusal := basic(r, nil)
		if refusal != nil {
			if gotID != "" || !gotSecret.Empty() || refusal.Status/100 != 4 {
				t.Fatalf("%q is refused with %q, %+v", header, gotID, refusal)
			}
			return
		}
		asOthers(t, header, gotID, gotSecret.Reveal())
	})
}

// asOthers reads the header with the standard library, which is stricter on
// white space.
func asOthers(t *testing.T, header, id, secret string) {
	t.Helper()
	r := &http.Request{Header: http.Header{"Authorization": {strings.TrimSpace(header)}}}
	rawID, rawSecret, ok := r.BasicAuth()
	if !ok {
		return
	}
	wantID, errID := url.QueryUnescape(rawID)
	wantSecret, errSecret := url.QueryUnescape(rawSecret)
	if errID != nil || errSecret != nil || id != wantID || secret != wantSecret {
		t.Fatalf("%q is read as %q and %q, by others as %q and %q", header, id, secret, wantID, wantSecret)
	}
}
