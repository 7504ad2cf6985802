package grants

import (
	"net/http"
	"strconv"
	"testing"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// BenchmarkServe issues tokens in memory, from request to answer. Passwords are
// not hashed; package password measures that.
func BenchmarkServe(b *testing.B) {
	refreshed := oauth.Session{ID: oauth.SessionID{1}, Protocol: oauth.OAuth2, Client: "mobile", User: "u1", UserName: "alice",
		Scope: []string{"read"}, Created: instant, Renewed: instant, Expires: instant.Add(sessionLife)}
	for name, request := range map[string]func(h *house, n int) *oauth.Request{
		"password": func(h *house, _ int) *oauth.Request { return h.password("mobile") },
		"xAuth":    func(h *house, n int) *oauth.Request { return h.signed(strconv.Itoa(n)) },
		"code":     func(h *house, _ int) *oauth.Request { return h.redeeming("mobile", h.code(nil)) },
		"refresh": func(h *house, n int) *oauth.Request {
			return h.refreshing("mobile", h.Keys.Mint(seal.RefreshToken, refreshed.ID, uint32(n)).Reveal()) // #nosec G115 -- a few requests
		},
	} {
		b.Run(name, func(b *testing.B) {
			h := newHouse(b)
			h.Auth.Clients = oauth.NewCachedClients(h.store.Store)
			all := make([]*oauth.Request, 1024)
			for n := range all {
				all[n] = request(h, n)
			}
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if n%len(all) == 0 {
					h.empty(b, refreshed)
				}
				response, err := h.Serve(b.Context(), all[n%len(all)])
				if err != nil || response.Status != http.StatusOK || response.Session == nil {
					b.Fatalf("%d %s, %v", response.Status, response.Body, err)
				}
			}
		})
	}
}

// empty has a store where nothing happened yet but that a session began.
func (h *house) empty(b *testing.B, s oauth.Session) {
	b.Helper()
	store := memory.New()
	if err := store.Create(b.Context(), s); err != nil {
		b.Fatal(err)
	}
	h.Sessions, h.Replay, h.door.seen = store, store, nil
}
