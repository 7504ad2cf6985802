package sessions

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// BenchmarkIntrospect is what an API asks that does without the authorizer.
func BenchmarkIntrospect(b *testing.B) {
	h := newHouse(b)
	s := h.begin("mobile", "alice", oauth.OAuth2)
	h.Sessions, h.Auth.Clients = h.store.Store, oauth.NewCachedClients(h.store.Store)
	r := h.introspecting("other", h.Keys.Mint(seal.AccessToken, s.ID, 0).Reveal())
	b.ReportAllocs()
	for b.Loop() {
		response, err := h.Serve(b.Context(), r)
		if err != nil || response.Status != http.StatusOK || !strings.Contains(string(response.Body), `"active":true`) {
			b.Fatalf("%d %s, %v", response.Status, response.Body, err)
		}
	}
}
