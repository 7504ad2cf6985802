package access

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop/dpoptest"
	"gatehouse/internal/oauth/oauth1"
)

// caller is who signs the requests of the benchmarks, as a phone does that was
// given its secrets by another provider, and has signed before.
var caller = oauth1.Key{ClientSecret: oauth.NewSecret("kd94hf93k423kf44kd94hf93k423kf44kd94hf93k42"),
	TokenSecret: oauth.NewSecret("pfkkdhi9sl3r4s00pfkkdhi9sl3r4s00pfkkdhi9sl3")}.Prepared(oauth.HMACSHA1)

// phone sends requests like those that the peers were measured with.
type phone struct {
	name, method string
	query        oauth.Params
	body         string
	base         int // bytes of the base string
}

func phones() []phone {
	return []phone{
		{"GET", "GET", oauth.Params{{Name: "status", Value: "open"}, {Name: "sort", Value: "created at"}, {Name: "page", Value: "2"}, {Name: "per_page", Value: "100"}}, "", 401},
		{"form", "POST", nil, "name=Ada+Lovelace&street=12+St+James%27s+Square&city=London&postcode=SW1Y+4JH&country=United+Kingdom&email=ada%40example.com&phone=%2B44+20+7946+0958&article=difference+engine&quantity=2000&note=Please+ring+twice%2C+and+leave+it+with+the+porter%21", 704},
	}
}

// request is the phone's nth one, whose nonce no other has.
func (p *phone) request(t testing.TB, n int) *oauth.Request {
	t.Helper()
	r := &oauth.Request{Method: p.method, Scheme: "https", Host: "abcdef1234.execute-api.eu-west-1.amazonaws.com", Path: "/prod/orders",
		Query: p.query, Header: http.Header{}, BodySeen: true, Body: []byte(p.body)}
	if p.body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	form, err := oauth.ParseForm(p.body)
	if err != nil {
		t.Fatal(err)
	}
	params := oauth.Params{{Name: "oauth_consumer_key", Value: "mobile"},
		{Name: "oauth_token", Value: "gth1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v"},
		{Name: "oauth_signature_method", Value: "HMAC-SHA1"}, {Name: "oauth_timestamp", Value: strconv.FormatInt(instant.Unix(), 10)},
		{Name: "oauth_nonce", Value: "4572616e48616d6d65724c61" + strconv.Itoa(10000000+n)}, {Name: "oauth_version", Value: "1.0"}}
	signer := oauth1.Signer{Method: oauth.HMACSHA1, ClientSecret: caller.ClientSecret, TokenSecret: caller.TokenSecret}
	signature, err := signer.Sign(p.method, oauth1.BaseURI(r.Scheme, r.Host, r.Path), slices.Concat(params, p.query, form))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", oauth1.FormatHeader("", append(params, oauth.Param{Name: "oauth_signature", Value: signature})))
	return r
}

// requests are 1024 of them.
func (p *phone) requests(t testing.TB) []*oauth.Request {
	t.Helper()
	all := make([]*oauth.Request, 1024)
	for i := range all {
		all[i] = p.request(t, i)
	}
	if signed, refusal := oauth1.Parse(all[0]); refusal != nil || len(signed.BaseString()) != p.base {
		t.Fatalf("%v: the base string is not of %d bytes", refusal, p.base)
	}
	return all
}

// verify is all that makes a request a right one: parameters, clock, signature,
// nonce. Secrets are at hand.
func verify(t testing.TB, r *oauth.Request, nonces oauth.Replay) {
	signed, refusal := oauth1.Parse(r)
	if refusal == nil {
		refusal = signed.Check(&oauth.Client{ID: "mobile"}, caller, instant, 5*time.Minute)
	}
	if refusal != nil {
		t.Fatal(refusal.Description)
	}
	spending, spends := signed.Spending(instant, 5*time.Minute, oauth.NewAttempt(t.Context()))
	if err := SpendNonce(t.Context(), nonces, spending, spends); err != nil {
		t.Fatal(err)
	}
}

// ratio reports how many times as long work takes as limit, as the median of
// turns: other work on the machine slows both.
func ratio(b *testing.B, unit string, work, limit func(i int)) {
	b.Helper()
	const turn = 64
	var ratios []float64
	b.ReportAllocs()
	for n := 0; b.Loop(); n += turn {
		began := time.Now()
		for i := range turn {
			limit(n + i)
		}
		between := time.Now()
		for i := range turn {
			work(n + i)
		}
		ratios = append(ratios, float64(time.Since(between))/float64(between.Sub(began)))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], unit)
}

// BenchmarkVerify compares with what no verification can do without: the HMAC
// of the base string by a key not seen before, in base64. One turn is 64 of
// each.
func BenchmarkVerify(b *testing.B) {
	for _, p := range phones() {
		b.Run(p.name, func(b *testing.B) {
			all, nonces := p.requests(b), memory.New()
			signed, _ := oauth1.Parse(all[0])
			base, key := []byte(signed.BaseString()), []byte(caller.ClientSecret.Reveal()+"&"+caller.TokenSecret.Reveal())
			ratio(b, "x-limit", func(i int) {
				if i%len(all) == 0 {
					nonces = memory.New()
				}
				verify(b, all[i%len(all)], nonces)
			}, func(int) {
				mac := hmac.New(sha1.New, key)
				mac.Write(base)
				base64.StdEncoding.EncodeToString(mac.Sum(nil))
			})
		})
	}
}

// BenchmarkBearer compares the check of a bearer token in memory with the HMAC
// of 64 bytes by a key whose state is at hand.
func BenchmarkBearer(b *testing.B) {
	h := quickHouse(b, live(oauth.OAuth2))
	r := h.bearer(live(oauth.OAuth2))
	mac := hmac.New(sha256.New, []byte(keyring))
	message, sum := make([]byte, 64), make([]byte, 0, 32)
	ratio(b, "x-limit", func(int) {
		if verdict, err := h.Check(b.Context(), r); err != nil || !verdict.Allowed {
			b.Fatal("refused")
		}
	}, func(int) {
		mac.Reset()
		mac.Write(message)
		mac.Sum(sum)
	})
}

// BenchmarkSigned and BenchmarkDPoP check requests in memory from header to
// verdict, whose nonces are spent.
func BenchmarkSigned(b *testing.B) {
	h := quickHouse(b, live(oauth.OAuth1))
	h.checkEach(b, func(n int) *oauth.Request { return h.sign(live(oauth.OAuth1), signing{nonce: strconv.Itoa(n)}) })
}

func BenchmarkDPoP(b *testing.B) {
	key := dpoptest.NewKey(b)
	h := quickHouse(b, bound(key))
	h.checkEach(b, func(int) *oauth.Request { return h.proven(bound(key), key, dpoptest.Claims{}) })
}

// checkEach checks requests that differ, by turns.
func (h *house) checkEach(b *testing.B, request func(n int) *oauth.Request) {
	b.Helper()
	all := make([]*oauth.Request, 1024)
	for n := range all {
		all[n] = request(n)
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%len(all) == 0 {
			h.Replay = memory.New() // where none is spent
		}
		if verdict, err := h.Check(b.Context(), all[n%len(all)]); err != nil || !verdict.Allowed {
			b.Fatalf("%+v, %v", verdict.Refusal, err)
		}
	}
}

// quickHouse has a session, and a store that remembers nothing else.
func quickHouse(t testing.TB, s oauth.Session) *house {
	t.Helper()
	h := newHouse(t)
	h.Sessions, h.Replay = h.store.Store, h.store.Store
	h.Auth.Clients = oauth.NewCachedClients(h.store.Store)
	h.begin(s)
	return h
}

// Allocations are exact where times are not.
func TestAllocations(t *testing.T) {
	enough := map[string]float64{"GET": 1, "form": 1, "bearer": 0}
	for _, p := range phones() {
		all, nonces, i := p.requests(t), memory.New(), 0
		if got := testing.AllocsPerRun(len(all)-1, func() {
			verify(t, all[i], nonces)
			i++
		}); got > enough[p.name] {
			t.Errorf("%s: %v allocations to verify it, %v are enough", p.name, got, enough[p.name])
		}
	}
	signed := quickHouse(t, live(oauth.OAuth1))
	if got, enough := signed.allocations(t), 5.0; got > enough { // where no key is kept there are 14
		t.Errorf("%v allocations to check a signed request, %v are enough", got, enough)
	}
	h := quickHouse(t, live(oauth.OAuth2))
	r := h.bearer(live(oauth.OAuth2))
	if got := testing.AllocsPerRun(1000, func() {
		if verdict, err := h.Check(t.Context(), r); err != nil || !verdict.Allowed {
			t.Fatal("refused")
		}
	}); got > enough["bearer"] {
		t.Errorf("%v allocations to check a bearer token, %v are enough", got, enough["bearer"])
	}
}

// allocations are those of the check of a signed request, by a caller that was
// there before.
func (h *house) allocations(t *testing.T) float64 {
	t.Helper()
	all := make([]*oauth.Request, 257)
	for n := range all {
		all[n] = h.sign(live(oauth.OAuth1), signing{nonce: strconv.Itoa(n)})
	}
	n := 0
	return testing.AllocsPerRun(len(all)-1, func() {
		if verdict, err := h.Check(t.Context(), all[n]); err != nil || !verdict.Allowed {
			t.Fatalf("%+v, %v", verdict.Refusal, err)
		}
		n++
	})
}
