package doctor_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/doctor"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// shown is a request in one line.
func shown(t *testing.T, text, server string) string {
	t.Helper()
	message, err := doctor.Read(text)
	if err != nil {
		return err.Error()
	}
	var base *url.URL
	if server != "" {
		if base, err = url.Parse(server); err != nil {
			t.Fatal(err)
		}
	}
	sent, err := message.At(base)
	if err != nil {
		return err.Error()
	}
	q := sent.Request
	return fmt.Sprintf("%s %s://%s%s %v %s %q", q.Method, q.Scheme, q.Host, q.Path, q.Query, q.Header.Get("Content-Type"), q.Body)
}

func TestRead(t *testing.T) {
	const formType = "application/x-www-form-urlencoded"
	const twoURLs = "the curl command: there are two URLs: give one request without --next, and within straight quotation marks, since curly ones do not quote"
	tests := []struct{ text, server, want string }{
		{"curl a", "", `GET http://a/ []  ""`},
		{"$ curl -sSLXPUT a/b?c=1#d", "", `PUT http://a/b [{c 1}]  ""`},
		{"curl a -d b=1 -d 'c=2 3'", "", `POST http://a/ [] ` + formType + ` "b=1&c=2 3"`},
		{"curl a --data-urlencode 'b=1 2' --data-urlencode '3+' --data-raw @c", "", `POST http://a/ [] ` + formType + ` "b=1%202&3%2B&@c"`},
		{"curl -G a -d b=1 --data-urlencode c=é", "", `GET http://a/ [{b 1} {c é}]  ""`},
		{"curl -G 'a?x=1' -d b=1", "", `GET http://a/ [{x 1} {b 1}]  ""`},
		{"curl --json '{}' a", "", `POST http://a/ [] application/json "{}"`},
		{"curl -H 'content-type: text/plain' -d x a", "", `POST http://a/ [] text/plain "x"`},
		{"curl -F a=b a", "", `POST http://a/ [] multipart/form-data ""`},
		{"curl -I a", "", `HEAD http://a/ []  ""`},
		{"curl -u me:pass -A agent -o out --max-time 3 --compressed --url=https://a:443/", "", `GET https://a/ []  ""`},
		{`curl "a/\"\$b" -d $'x=\'\n'`, "", "POST http://a/\"$b [] " + formType + ` "x='\n"`},
		{`curl a --data-raw $'msg=it%27s\u0021'`, "", "POST http://a/ [] " + formType + ` "msg=it%27s!"`},
		{"curl ''", "", "the URL is to be like https://api.example.com/path"},
		{"curl 'https://[::1/a'", "", `the URL is to be like https://api.example.com/path: its host is written "[::1"`},
		{"curl https://[::1]:8443/a", "", `GET https://[::1]:8443/a []  ""`},
		{"GET /a HTTP/1.1\nHost: h:port", "", `the URL is to be like https://api.example.com/path: its host is written "h:port"`},
		{"curl a --next b", "", twoURLs},
		{"curl a -H \u201cAccept: b\u201d", "", twoURLs},
		{"curl\\\n  -X \\\r\n DELETE a", "", `DELETE http://a/ []  ""`},
		{"GET /a?b=c%20d HTTP/1.1\r\nHost: H:443\r\n\r\n", "", `GET https://h/a [{b c d}]  ""`},
		{"GET /a\nHost: localhost:8080", "", `GET http://localhost:8080/a []  ""`},
		{"GET http://x/a HTTP/1.1\nAccept: a,\n b\n", "", `GET http://x/a []  ""`},
		{"POST /a HTTP/1.1\nHost: h\nContent-Type: text/plain\n\nb\n\n", "", `POST https://h/a [] text/plain "b\n"`},
		{"POST /a HTTP/1.1\nHost: h\nContent-Length: 1\n\nbcd", "", `POST https://h/a []  "b"`},
		{"GET /v1/a HTTP/1.1\nHost: h", "http://s/v1/", `GET http://s/v1/a []  ""`},
		{"GET /prod/a HTTP/1.1\nHost: x.execute-api.y.amazonaws.com", "https://s/v1", `GET https://s/v1/a []  ""`},
		{"GET /a HTTP/1.1\nHost: h", "https://s", `GET https://s/a []  ""`},
		{"GET /v10/a HTTP/1.1\nHost: h", "https://s/v1", `GET https://s/v1/v10/a []  ""`},
	}
	for _, test := range tests {
		if got := shown(t, test.text, test.server); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.text, got, test.want)
		}
	}
}

func TestWhatIsPassedOverIsSaid(t *testing.T) {
	for text, want := range map[string]string{
		"curl -u me:hunter22 https://a/":       "-u is passed over",
		"> POST / HTTP/1.1\n> Host: a\n>\n":    "has no body",
		"* Connected\n> PUT /\n> Host: a\n>\n": "has no body",
	} {
		message, err := doctor.Read(text)
		if err != nil || len(message.Notes) != 1 || strings.Contains(message.Notes[0], "hunter22") || !strings.Contains(message.Notes[0], want) {
			t.Errorf("%s: %+v, %v", text, message, err)
		}
	}
}

// What nobody can read is an error or a diagnosis, and never a panic; junk is
// never called right.
func FuzzRead(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.HTTP, v.BaseString)
		_, authorization, _ := strings.Cut(v.HTTP, "Authorization: ")
		authorization, _, _ = strings.Cut(authorization, "\r\n")
		f.Add("curl -d 'a=1 2' 'https://api.example.com/a/b' -H 'Authorization: "+authorization+"'", "GET&&")
	}
	f.Fuzz(func(t *testing.T, text, base string) {
		message, err := doctor.Read(text)
		if err != nil {
			return
		}
		for _, server := range []*url.URL{nil, {Scheme: "https", Host: "api.example.com", Path: "/v1"}} {
			sent, err := message.At(server)
			if err != nil {
				continue
			}
			c := doctor.Case{Request: sent.Request, Addresses: sent.Addresses, Known: true, Now: time.Unix(signedAt, 0), Window: time.Minute, Limit: 200,
				Key: oauth1.Key{ClientSecret: oauth.NewSecret("xyzzy-client"), TokenSecret: oauth.NewSecret("xyzzy-token")}, BaseString: base}
			d := doctor.Diagnose(c)
			if d.Right() {
				t.Error("what nobody signed is called right")
			}
			if strings.Contains(d.Text()+d.Line(), "xyzzy") && !strings.Contains(text+base, "xyzzy") {
				t.Errorf("a secret comes out: %s", d.Text())
			}
		}
	})
}

// RSA requests are diagnosed with the public key alone.
func TestRSA(t *testing.T) {
	key, public := rsaKey(t)
	sign := func(method oauth.SignatureMethod, uri string, tail string) doctor.Case {
		params := signed(t, oauth1.Signer{Method: method, RSAPrivateKey: key}, oauth.RSASHA256, uri, oauth.Param{Name: "oauth_token", Value: "tok"})
		signature := &params[len(params)-1]
		signature.Value = strings.TrimSuffix(signature.Value, tail)
		v := vector{HTTP: "GET /notes HTTP/1.1\nHost: api.example.com\nAuthorization: " + oauth1.FormatHeader("", params)}
		c := v.of(t)
		c.Key = oauth1.Key{RSAPublicKey: public}
		return c
	}
	const uri = "https://api.example.com/notes"
	withoutKey := sign(oauth.RSASHA256, uri, "")
	withoutKey.Key = oauth1.Key{}
	for name, test := range map[string]struct {
		c    doctor.Case
		want []string
	}{
		"right":            {sign(oauth.RSASHA256, uri, ""), []string{}},
		"scheme":           {sign(oauth.RSASHA256, "http://api.example.com/notes", ""), []string{"scheme"}},
		"hash":             {sign(oauth.RSASHA1, uri, ""), []string{"hash"}},
		"unpadded":         {sign(oauth.RSASHA256, uri, "=="), []string{"signature_unpadded"}},
		"scheme and slash": {sign(oauth.RSASHA512, uri+"/", ""), []string{"path_slash_added", "hash"}},
		"another":          {sign(oauth.RSASHA256, "https://elsewhere.example/x", ""), []string{"unexplained"}},
		"without a key":    {withoutKey, []string{"rsa_key_absent"}},
	} {
		if d := doctor.Diagnose(test.c); !slices.Equal(codes(d.Findings), test.want) {
			t.Errorf("%s: got %v, want %v", name, codes(d.Findings), test.want)
		}
	}
}

// Where the server sees no bodies, a form is why.
func TestFormThatIsNotSeen(t *testing.T) {
	for _, v := range vectors(t) {
		if v.Name != "right: form" {
			continue
		}
		c := v.of(t)
		c.Request.Body, c.Request.BodySeen = nil, false
		if d := doctor.Diagnose(c); !slices.Equal(codes(d.Findings), []string{"form_not_seen"}) {
			t.Errorf("got %v", codes(d.Findings))
		}
	}
}

// Where the host is the mistake, the secrets are not all that is named.
func TestUnexplainedNamesTheAddress(t *testing.T) {
	for _, v := range vectors(t) {
		if v.Name != "junk" && v.Name != "junk for PLAINTEXT" {
			continue
		}
		d := doctor.Diagnose(v.of(t))
		if got := strings.Contains(d.Findings[0].Fix, "host or path prefix than those of https://api.example.com"); got != (v.Name == "junk") {
			t.Errorf("%s: %s", v.Name, d.Findings[0].Sentence())
		}
	}
}

// Another address is found with all that may stand before the route.
func TestOtherAddresses(t *testing.T) {
	for name, test := range map[string]struct{ called, address, signed string }{
		"machine behind a proxy": {"https://api.example.com/prod/notes", "http://10.0.0.5:8080", "http://10.0.0.5:8080/notes"},
		"whole path":             {"https://api.example.com/prod/notes", "http://10.0.0.5:8080", "http://10.0.0.5:8080/prod/notes"},
		"another prefix":         {"https://api.example.com/prod/v1/notes", "http://localhost:9999/api", "http://localhost:9999/api/notes"},
		"API Gateway's own":      {"https://api.example.com/notes", "https://a1.execute-api.eu-west-1.amazonaws.com/prod", "https://a1.execute-api.eu-west-1.amazonaws.com/prod/notes"},
	} {
		address, err := url.Parse(test.address)
		if err != nil {
			t.Fatal(err)
		}
		signer := oauth1.Signer{Method: oauth.HMACSHA1, ClientSecret: oauth.NewSecret("s")}
		v := vector{ClientSecret: "s", HTTP: "GET " + test.called + " HTTP/1.1\nAuthorization: " +
			oauth1.FormatHeader("", signed(t, signer, signer.Method, test.signed))}
		c := v.of(t)
		for addresses, want := range map[*url.URL]string{nil: "unexplained", address: "address"} {
			if c.Addresses = nil; addresses != nil {
				c.Addresses = []*url.URL{addresses}
			}
			if d := doctor.Diagnose(c); !slices.Equal(codes(d.Findings), []string{want}) || want == "address" && d.Difference[0].Signed != test.signed {
				t.Errorf("%s, %v: %s", name, addresses, d.Text())
			}
		}
	}
}

// What is known of client and token is said, whatever the signature.
func TestParties(t *testing.T) {
	v := vectors(t)[0]
	for want, change := range map[string]func(*doctor.Case){
		"client_disabled":    func(c *doctor.Case) { c.Client.Disabled = true },
		"client_public":      func(c *doctor.Case) { c.Client.Public = true },
		"oauth1_ended":       func(c *doctor.Case) { c.Client.Sunset = c.Now },
		"method_not_allowed": func(c *doctor.Case) { c.Client.SignatureMethods = []oauth.SignatureMethod{oauth.HMACSHA512} },
		"token_unknown":      func(c *doctor.Case) { c.Token, c.Key.TokenSecret = doctor.TokenForged, oauth.Secret{} },
		"token_revoked":      func(c *doctor.Case) { c.Token = doctor.TokenRevoked },
		"token_expired":      func(c *doctor.Case) { c.Token = doctor.TokenExpired },
		"token_of_another":   func(c *doctor.Case) { c.Token = doctor.TokenOfAnother },
	} {
		c := v.of(t)
		change(&c)
		if d := doctor.Diagnose(c); !slices.Equal(codes(d.Findings), []string{want}) {
			t.Errorf("got %v, want %s", codes(d.Findings), want)
		}
	}
}
