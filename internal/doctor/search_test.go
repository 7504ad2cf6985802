package doctor

import (
	"encoding/json"
	"net/url"
	"os"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// searched is how many signatures a search tries for junk.
func searched(t *testing.T, text string, limit int) (tried int) {
	t.Helper()
	message, err := Read(text)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := message.At(&url.URL{Scheme: "https", Host: "api.example.com", Path: "/v1"})
	if err != nil {
		t.Fatal(err)
	}
	c := &Case{Request: sent.Request, Addresses: sent.Addresses, Known: true,
		Key: oauth1.Key{ClientSecret: oauth.NewSecret("a"), TokenSecret: oauth.NewSecret("b")}}
	r, finding := read(c)
	if finding != nil {
		t.Fatal(finding.Sentence())
	}
	right, able := r.rightDraft()
	if !able {
		return 0
	}
	s := &search{right: right, known: r, sent: readSignature("anXuaw=="), limit: limit}
	if found := s.find(mistakes(r, right)); found != nil {
		t.Errorf("junk is explained by %v", found[0].findings)
	}
	return s.tried
}

// Junk is tried with every pair of mistakes, and that is within the limit.
func TestDefaultLimitIsEnough(t *testing.T) {
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct{ Name, HTTP string }
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	most := 0
	for i, v := range vectors {
		if i%5 != 0 || v.Name == "two headers" || v.Name == "header not quoted" || v.Name == "bearer" {
			continue // there is no signature
		}
		tried := searched(t, v.HTTP, DefaultLimit)
		most = max(most, tried)
		if limited := searched(t, v.HTTP, 40); limited > 40 {
			t.Errorf("%s: %d tried, and 40 are allowed", v.Name, limited)
		}
	}
	if most >= DefaultLimit {
		t.Errorf("%d signatures were tried, as many as the limit", most)
	}
	t.Logf("at most %d signatures are tried", most)
}
