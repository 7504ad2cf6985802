package access

import (
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// bearerCase is a token shown for a session of generation 5, renewed at
// renewed, whose access token lives until ends.
type bearerCase struct {
	name       string
	change     func(*oauth.Session)
	generation uint32 // of the token; the session's is 5
	grace      time.Duration
	now        time.Time
	says       string // empty: let through
}

const grace = 30 * time.Second

func bearerCases(renewed, ends time.Time) []bearerCase {
	return []bearerCase{
		{"current", nil, 5, grace, renewed, ""},
		{"current, server's clock behind", nil, 5, grace, renewed.Add(-time.Minute), ""},
		{"current, a moment before its end", nil, 5, grace, ends.Add(-1), ""},
		{"current, at its end", nil, 5, grace, ends, "expired"},
		{"current, after its end", nil, 5, grace, ends.AddDate(1, 0, 0), "expired"},
		{"ends with the session", func(s *oauth.Session) { s.AccessExpires = time.Time{} }, 5, grace, ends, ""},
		{"ended with the session", func(s *oauth.Session) { s.AccessExpires = time.Time{} }, 5, grace, ends.Add(time.Hour), "expired"},
		{"never ends", func(s *oauth.Session) { s.AccessExpires, s.Expires = time.Time{}, time.Time{} }, 5, grace, ends.AddDate(100, 0, 0), ""},
		{"before, at once", nil, 4, grace, renewed, ""},
		{"before, server's clock behind", nil, 4, grace, renewed.Add(-time.Minute), ""},
		{"before, a moment before grace is over", nil, 4, grace, renewed.Add(grace - 1), ""},
		{"before, when grace is over", nil, 4, grace, renewed.Add(grace), "replaced"},
		{"before, without grace", nil, 4, 0, renewed, "replaced"},
		{"before does not outlive what replaced it", nil, 4, 2 * time.Hour, ends, "expired"},
		{"two before", nil, 3, grace, renewed, "replaced"},
		{"the first", nil, 0, grace, renewed, "replaced"},
		{"yet to come", nil, 6, grace, renewed, "replaced"},
		{"the last there can be", nil, math.MaxUint32, grace, renewed, "replaced"},
		{"the last, of the last", func(s *oauth.Session) { s.Generation = math.MaxUint32 }, math.MaxUint32, grace, renewed, ""},
		{"before the last", func(s *oauth.Session) { s.Generation = math.MaxUint32 }, math.MaxUint32 - 1, grace, renewed, ""},
		{"generations do not wrap around", func(s *oauth.Session) { s.Generation = 0 }, math.MaxUint32, grace, renewed, "replaced"},
		{"nor back", func(s *oauth.Session) { s.Generation = math.MaxUint32 }, 0, grace, renewed, "replaced"},
		{"of an OAuth 1.0 session", func(s *oauth.Session) { s.Protocol = oauth.OAuth1 }, 5, grace, renewed, "not an OAuth 2"},
		{"of no protocol", func(s *oauth.Session) { s.Protocol = "" }, 5, grace, renewed, "not an OAuth 2"},
	}
}

func TestBearerRefusal(t *testing.T) {
	renewed, ends := instant, instant.Add(time.Hour)
	for _, test := range bearerCases(renewed, ends) {
		session := oauth.Session{Protocol: oauth.OAuth2, Generation: 5, Renewed: renewed, AccessExpires: ends, Expires: ends.Add(time.Hour)}
		if test.change != nil {
			test.change(&session)
		}
		refusal := bearerRefusal(&session, seal.Token{Generation: test.generation}, test.grace, test.now)
		switch {
		case test.says == "" && refusal != nil:
			t.Errorf("%s: %+v, want to be let through", test.name, refusal)
		case test.says != "" && refusal == nil:
			t.Errorf("%s is let through", test.name)
		case refusal != nil && (refusal.Status != http.StatusUnauthorized || refusal.Code != oauth.InvalidToken || !strings.Contains(refusal.Description, test.says)):
			t.Errorf("%s: %+v, want invalid_token that says %q", test.name, refusal, test.says)
		}
	}
}

func TestBearer(t *testing.T) {
	h := newHouse(t)
	s := live(oauth.OAuth2)
	h.begin(s)
	h.wantAllowed("current", h.bearer(s), s)
	h.wantAsked("a bearer check", 1, 1, 0)
	form := bearer("")
	form.Method, form.BodySeen = http.MethodPost, true
	form.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	form.Body = []byte("access_token=" + h.Keys.Mint(seal.AccessToken, s.ID, s.Generation).Reveal())
	h.wantAllowed("in a form that is seen", form, s)
}

func TestJunkCostsNothing(t *testing.T) {
	h := newHouse(t)
	s := live(oauth.OAuth2)
	h.begin(s)
	good := h.Keys.Mint(seal.AccessToken, s.ID, s.Generation).Reveal()
	for name, token := range map[string]string{
		"junk":              "junk",
		"cut":               good[:len(good)-1],
		"changed":           good[:30] + "x" + good[31:],
		"a refresh token":   h.Keys.Mint(seal.RefreshToken, s.ID, s.Generation).Reveal(),
		"an OAuth 1.0 one":  h.Keys.Mint(seal.OAuth1Token, s.ID, s.Generation).Reveal(),
		"with another kind": "gtha_" + h.Keys.Mint(seal.RefreshToken, s.ID, s.Generation).Reveal()[5:],
		"two tokens":        good + " " + good,
		"a client secret":   reveal(t)(h.Keys.ClientSecret(&oauth.Client{ID: "mobile", SecretKey: 1})),
		"of an unknown key": "gtha_" + strings.Repeat("A", 64),
	} {
		h.wantRefused(name, bearer(token), oauth.InvalidToken)
	}
	h.wantRefused("nothing", bearer(""), oauth.InvalidRequest)
	h.wantRefused("no header", &oauth.Request{Method: http.MethodGet}, oauth.InvalidRequest)
	inQuery := h.bearer(s)
	inQuery.Query = oauth.Params{{Name: "access_token", Value: good}}
	h.wantRefused("in the query", inQuery, oauth.InvalidRequest)
	h.wantAsked("junk", 0, 0, 0)
}

func TestOnlyAnUnknownKeyIsSaidToBe(t *testing.T) {
	h := newHouse(t)
	for token, want := range map[string]bool{"gtha_" + strings.Repeat("A", 64): true, "junk": false} {
		verdict, err := h.Check(t.Context(), bearer(token))
		if err != nil || verdict.Refusal == nil || verdict.Refusal.UnknownKey != want {
			t.Errorf("%s: %+v, %v, want UnknownKey %v", token, verdict.Refusal, err, want)
		}
	}
}

func TestBearerOfWhatIsNotItsOwn(t *testing.T) {
	for name, change := range map[string]func(*oauth.Session){
		"an OAuth 1.0 session": func(s *oauth.Session) { s.Protocol = oauth.OAuth1 },
		"a DPoP key":           func(s *oauth.Session) { s.Confirmation = "thumbprint" },
		"a disabled client":    func(s *oauth.Session) { s.Client = "disabled" },
		"a deleted client":     func(s *oauth.Session) { s.Client = "deleted" },
		"no client":            func(s *oauth.Session) { s.Client = "" },
		"an ended session":     func(s *oauth.Session) { s.Expires = instant },
		"an ended token":       func(s *oauth.Session) { s.AccessExpires = instant },
	} {
		h := newHouse(t)
		s := live(oauth.OAuth2)
		change(&s)
		h.begin(s)
		h.wantRefused(name, h.bearer(s), oauth.InvalidToken)
	}
}

// The token before the last refresh stays what it was: it neither outlives its
// own end nor has the scope of the one that replaced it.
func TestPreviousBearer(t *testing.T) {
	for name, previous := range map[string]struct {
		expires time.Time
		refused bool
	}{
		"still valid": {instant.Add(time.Second), false},
		"at its end":  {instant, true},
		"long ended":  {instant.Add(-time.Hour), true},
	} {
		h := newHouse(t)
		s := live(oauth.OAuth2)
		s.Scope, s.AccessScope = []string{"read", "write"}, []string{"read", "write"}
		s.PreviousScope, s.PreviousExpires = []string{"read"}, previous.expires
		s.Renewed = instant.Add(-time.Second)
		h.begin(s)
		before := s
		before.Generation--
		if previous.refused {
			h.wantRefused(name, h.bearer(before), oauth.InvalidToken)
			continue
		}
		verdict, err := h.Check(t.Context(), h.bearer(before))
		if err != nil || !verdict.Allowed || !slices.Equal(verdict.Session.AccessScope, []string{"read"}) ||
			!verdict.Session.TokenExpires().Equal(previous.expires) {
			t.Errorf("%s: %+v, %v", name, verdict, err)
		}
	}
}

func TestRevokedBearer(t *testing.T) {
	h := newHouse(t)
	s := live(oauth.OAuth2)
	h.begin(s)
	if err := h.store.Revoke(t.Context(), oauth.Revocation{ID: s.ID}); err != nil {
		t.Fatal(err)
	}
	h.wantRefused("revoked", h.bearer(s), oauth.InvalidToken)
}
