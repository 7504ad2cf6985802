package oauth1

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"testing"

	"gatehouse/internal/oauth"
)

// benchmarkRequest is what a phone sends. base is the length of its base
// string in bytes.
type benchmarkRequest struct {
	name, method, url, body string
	base                    int
}

func benchmarkRequests() []benchmarkRequest {
	return []benchmarkRequest{
		{"GET", "GET", "https://abcdef1234.execute-api.eu-west-1.amazonaws.com/prod/orders" +
			"?status=open&sort=created%20at&page=2&per_page=100", "", 401},
		{"form", "POST", "https://abcdef1234.execute-api.eu-west-1.amazonaws.com/prod/orders",
			"name=Ada+Lovelace&street=12+St+James%27s+Square&city=London&postcode=SW1Y+4JH" +
				"&country=United+Kingdom&email=ada%40example.com&phone=%2B44+20+7946+0958" +
				"&article=difference+engine&quantity=2000&note=Please+ring+twice%2C+and+leave+it+with+the+porter%21", 704},
	}
}

func (r benchmarkRequest) signed(b testing.TB) *oauth.Request {
	b.Helper()
	sent := request(b, r.method, r.url)
	if r.body != "" {
		setBody(sent, formType, r.body)
	}
	sign(b, sent, signer(oauth.HMACSHA1), protocol(oauth.HMACSHA1))
	if got := len(mustParse(b, sent).BaseString()); got != r.base {
		b.Fatalf("the base string has %d bytes, not %d", got, r.base)
	}
	return sent
}

// BenchmarkParse takes the parameters out of a request. Its query comes
// decoded.
func BenchmarkParse(b *testing.B) {
	for _, bench := range benchmarkRequests() {
		b.Run(bench.name, func(b *testing.B) {
			r := bench.signed(b)
			b.ReportAllocs()
			for b.Loop() {
				if _, refusal := Parse(r); refusal != nil {
					b.Fatal(refusal.Description)
				}
			}
		})
	}
}

// BenchmarkVerify verifies the signature of a request taken apart, by a key that
// is kept for more of them.
func BenchmarkVerify(b *testing.B) {
	for _, bench := range benchmarkRequests() {
		b.Run(bench.name, func(b *testing.B) {
			s, key := mustParse(b, bench.signed(b)), secretKey().Prepared(oauth.HMACSHA1)
			b.ReportAllocs()
			for b.Loop() {
				if !s.Verify(key) {
					b.Fatal("refused")
				}
			}
		})
	}
}

// BenchmarkLimit does only what no verification can do without: the HMAC of
// the base string by a key not seen before, in base64.
func BenchmarkLimit(b *testing.B) {
	for _, bench := range benchmarkRequests() {
		b.Run(bench.name, func(b *testing.B) {
			base := mustParse(b, bench.signed(b)).appendBase(nil)
			secrets := secretPair(secretKey().ClientSecret, secretKey().TokenSecret)
			b.ReportAllocs()
			for b.Loop() {
				mac := hmac.New(sha1.New, secrets)
				mac.Write(base)
				base64.StdEncoding.EncodeToString(mac.Sum(nil))
			}
		})
	}
}

// Allocations are exact where times are not.
func TestAllocations(t *testing.T) {
	for _, test := range []struct {
		name          string
		parse, verify float64
	}{{"GET", 1, 0}, {"form", 1, 0}} {
		for _, bench := range benchmarkRequests() {
			if bench.name != test.name {
				continue
			}
			r, key := bench.signed(t), secretKey()
			s := mustParse(t, r)
			if got := testing.AllocsPerRun(100, func() { _, _ = Parse(r) }); got > test.parse {
				t.Errorf("%s: %v allocations to parse it, %v are enough", test.name, got, test.parse)
			}
			if got := testing.AllocsPerRun(100, func() { s.Verify(key) }); got > test.verify+2 { // see mac.TestAllocations
				t.Errorf("%s: %v allocations to verify it, %v are enough", test.name, got, test.verify)
			}
			prepared := key.Prepared(oauth.HMACSHA1)
			if got := testing.AllocsPerRun(100, func() { s.Verify(prepared) }); got > test.verify {
				t.Errorf("%s: %v allocations to verify it by a prepared key, %v are enough", test.name, got, test.verify)
			}
		}
	}
}
