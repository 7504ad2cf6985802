package oauth1

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"gatehouse/internal/oauth"
)

// vectorFiles says how the cases of each file are run.
func vectorFiles() map[string]func(*testing.T, []byte) int {
	return map[string]func(*testing.T, []byte) int{
		"encoding.json":            each(encodingCase.check),
		"normalize.json":           each(normalizeCase.check),
		"base_uri.json":            each(uriCase.check),
		"signature.json":           each(signatureCase.check),
		"body_hash.json":           each(bodyHashCase.check),
		"negative.json":            each(requestCase.checkRefused),
		"body_hash_extension.json": each(requestCase.check),
		"flickr.json":              each(requestCase.check),
		"gomodule_oauth1.json":     each(requestCase.check),
		"hueniverse.json":          each(requestCase.check),
		"joauth.json":              each(requestCase.check),
		"liboauth.json":            each(requestCase.check),
		"lti.json":                 each(requestCase.check),
		"mastercard.json":          each(requestCase.check),
		"netsuite.json":            each(requestCase.check),
		"npm_oauth_1_0a.json":      each(requestCase.check),
		"npm_oauth_sign.json":      each(requestCase.check),
		"npm_oauth_signature.json": each(requestCase.check),
		"oauth_core_1_0a.json":     each(requestCase.check),
		"oauth_test_cases.json":    each(requestCase.check),
		"oauthlib.json":            each(requestCase.check),
		"perl_net_oauth.json":      each(requestCase.check),
		"python_oauth2.json":       each(requestCase.check),
		"rfc5849.json":             each(requestCase.check),
		"ruby_oauth.json":          each(requestCase.check),
		"rust_oauth1_request.json": each(requestCase.check),
		"tdoauth.json":             each(requestCase.check),
		"twitter.json":             each(requestCase.check),
	}
}

// vectorCount is how many cases were published: they are never trimmed.
const vectorCount = 564

// TestVectors runs every case of every file in testdata.
func TestVectors(t *testing.T) {
	files := vectorFiles()
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil || len(paths) != len(files) {
		t.Errorf("testdata holds %d files, %d are known: %v", len(paths), len(files), err)
	}
	total := 0
	for _, path := range paths {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			run, known := files[name]
			if !known {
				t.Fatal("nothing runs this file")
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			total += run(t, data)
		})
	}
	if total != vectorCount {
		t.Errorf("%d cases ran, want %d", total, vectorCount)
	}
}

// each returns what runs check on every case of a file and counts them.
func each[Case interface{ name() string }](check func(Case, *testing.T)) func(*testing.T, []byte) int {
	return func(t *testing.T, data []byte) int {
		all := decodeCases[Case](t, data)
		for _, one := range all {
			t.Run(one.name(), func(t *testing.T) { check(one, t) })
		}
		return len(all)
	}
}

// decodeCases fails on an empty file and on what no test would look at.
func decodeCases[Case any](t testing.TB, data []byte) []Case {
	t.Helper()
	var file struct {
		Source any    `json:"source"` // one or a list
		Cases  []Case `json:"cases"`
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if file.Source == nil || len(file.Cases) == 0 {
		t.Fatal("no source or no cases")
	}
	return file.Cases
}

// described is what cases of all kinds have beside their own.
type described struct {
	Name   string `json:"name"`
	Clause string `json:"clause"`
	Note   string `json:"note"`
}

func (d described) name() string { return d.Name }

type encodingCase struct {
	described
	Decoded string `json:"decoded"`
	Encoded string `json:"encoded"`
}

func (c encodingCase) check(t *testing.T) {
	if got := Escape(c.Decoded); got != c.Encoded {
		t.Errorf("Escape(%q) = %q, want %q", c.Decoded, got, c.Encoded)
	}
	got, err := oauth.Unescape(c.Encoded, false)
	if err != nil || got != c.Decoded {
		t.Errorf("Unescape(%q) = %q, %v, want %q", c.Encoded, got, err, c.Decoded)
	}
	if got := string(appendEscaped(nil, c.Decoded, "%25")); got != Escape(c.Encoded) {
		t.Errorf("%q escaped twice: %q, want %q", c.Decoded, got, Escape(c.Encoded))
	}
}

type normalizeCase struct {
	described
	Form string `json:"form"`
	Want string `json:"want"`
}

func (c normalizeCase) check(t *testing.T) {
	if got := normal(t, form(t, c.Form)); got != c.Want {
		t.Errorf("got  %s\nwant %s", got, c.Want)
	}
}

type uriCase struct {
	described
	Method string `json:"method"`
	URL    string `json:"url"`
	Want   string `json:"want"`
}

func (c uriCase) check(t *testing.T) {
	r := request(t, c.Method, c.URL)
	if got := BaseURI(r.Scheme, r.Host, r.Path); got != c.Want {
		t.Errorf("BaseURI of %s: %s, want %s", c.URL, got, c.Want)
	}
}

type signatureCase struct {
	described
	secrets
	Method     oauth.SignatureMethod `json:"signature_method"`
	BaseString string                `json:"base_string"`
	Want       string                `json:"want"`
}

func (c signatureCase) check(t *testing.T) {
	if c.Method == oauth.Plaintext {
		if got := string(secretPair(c.key().ClientSecret, c.key().TokenSecret)); got != c.Want {
			t.Errorf("got %q, want %q", got, c.Want)
		}
		return
	}
	hash, isRSA, err := hashOf(c.Method)
	switch {
	case err != nil:
		t.Fatal(err)
	case isRSA && !verifyRSA(hash, c.PublicKey, []byte(c.BaseString), c.Want):
		t.Error("the published signature is refused")
	case isRSA && verifyRSA(hash, c.PublicKey, []byte(c.BaseString+"x"), c.Want):
		t.Error("the signature of another base string is taken")
	case !isRSA:
		for _, key := range []Key{c.key(), c.key().Prepared(c.Method)} {
			if got := string(key.appendHMAC(nil, hash, []byte(c.BaseString))); got != c.Want {
				t.Errorf("got %q, want %q", got, c.Want)
			}
		}
	}
}

type bodyHashCase struct {
	described
	Method oauth.SignatureMethod `json:"signature_method"`
	Body   string                `json:"body"`
	Want   string                `json:"want"`
}

func (c bodyHashCase) check(t *testing.T) {
	for _, body := range []string{c.Body, c.Body + "x"} {
		r := request(t, "PUT", "https://api.example.com/")
		setBody(r, "application/json", body)
		s := Signed{Protocol: &Protocol{request: r, Method: c.Method, BodyHash: c.Want, seen: bodyHashParam}}
		if refusal := s.checkBodyHash(); (refusal == nil) != (body == c.Body) {
			t.Errorf("body %.20q: %v", body, refusal)
		}
	}
}
