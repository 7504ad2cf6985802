package access

import (
	"errors"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

func TestInspect(t *testing.T) {
	changed := func(protocol oauth.Protocol, change func(*oauth.Session)) oauth.Session {
		s := live(protocol)
		change(&s)
		return s
	}
	for name, test := range map[string]struct {
		session    oauth.Session
		kind       seal.Kind
		generation uint32
		active     bool
	}{
		"access token":                      {live(oauth.OAuth2), seal.AccessToken, 3, true},
		"refresh token":                     {live(oauth.OAuth2), seal.RefreshToken, 3, true},
		"OAuth 1.0 token":                   {live(oauth.OAuth1), seal.OAuth1Token, 0, true},
		"access token replaced long ago":    {live(oauth.OAuth2), seal.AccessToken, 2, false},
		"refresh token replaced":            {live(oauth.OAuth2), seal.RefreshToken, 2, false},
		"refresh token yet to come":         {live(oauth.OAuth2), seal.RefreshToken, 4, false},
		"refresh token of an OAuth 1.0 one": {live(oauth.OAuth1), seal.RefreshToken, 0, false},
		"OAuth 1.0 token of an OAuth 2 one": {live(oauth.OAuth2), seal.OAuth1Token, 3, false},
		"refresh token after the access token ended": {changed(oauth.OAuth2, func(s *oauth.Session) { s.AccessExpires = instant }),
			seal.RefreshToken, 3, true},
		"ended":                       {changed(oauth.OAuth2, func(s *oauth.Session) { s.Expires = instant }), seal.RefreshToken, 3, false},
		"of a disabled one":           {changed(oauth.OAuth2, func(s *oauth.Session) { s.Client = "disabled" }), seal.RefreshToken, 3, false},
		"of a deleted one":            {changed(oauth.OAuth1, func(s *oauth.Session) { s.Client = "deleted" }), seal.OAuth1Token, 0, false},
		"OAuth 1.0 before the sunset": {changed(oauth.OAuth1, func(s *oauth.Session) { s.Client = "dusk" }), seal.OAuth1Token, 0, true},
		"OAuth 1.0 at the sunset":     {changed(oauth.OAuth1, func(s *oauth.Session) { s.Client = "night" }), seal.OAuth1Token, 0, false},
		"OAuth 2 after the sunset":    {changed(oauth.OAuth2, func(s *oauth.Session) { s.Client = "night" }), seal.AccessToken, 3, true},
		"of another session":          {changed(oauth.OAuth1, func(s *oauth.Session) { s.ID = oauth.SessionID{9} }), seal.OAuth1Token, 0, false},
	} {
		h := newHouse(t)
		h.begin(test.session)
		kind, verdict, err := h.Inspect(t.Context(), &oauth.Client{ID: "api"}, h.Keys.Mint(test.kind, sessionID, test.generation).Reveal())
		if err != nil || kind != test.kind || verdict.Allowed != test.active || (verdict.Refusal == nil) != test.active {
			t.Errorf("%s: %s, %+v, %v, want active %v", name, kind, verdict, err, test.active)
		}
	}
}

func TestInspectJunkCostsNothing(t *testing.T) {
	h := newHouse(t)
	good := h.Keys.Mint(seal.RefreshToken, sessionID, 3).Reveal()
	for _, token := range []string{"", "junk", "gthr_", good[5:], "gtha_" + good[5:], "gth1_" + good[5:], good + "A",
		"gthr_" + strings.Repeat("A", 64)} {
		_, verdict, err := h.Inspect(t.Context(), &oauth.Client{ID: "api"}, token)
		if err != nil || verdict.Allowed || verdict.Refusal == nil {
			t.Errorf("%.20s: %+v, %v", token, verdict, err)
		}
	}
	h.wantAsked("junk", 0, 0, 0)
}

func TestInspectFault(t *testing.T) {
	h := newHouse(t)
	h.begin(live(oauth.OAuth1))
	h.store.eventual = func() found { return found{err: errBroken} }
	for _, kind := range []seal.Kind{seal.AccessToken, seal.RefreshToken, seal.OAuth1Token} {
		_, verdict, err := h.Inspect(t.Context(), &oauth.Client{ID: "api"}, h.Keys.Mint(kind, sessionID, 0).Reveal())
		if !errors.Is(err, errBroken) || verdict.Allowed {
			t.Errorf("%s: %+v, %v, want the fault", kind, verdict, err)
		}
	}
}
