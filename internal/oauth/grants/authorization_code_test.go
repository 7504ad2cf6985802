package grants

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// verifier is a code_verifier of every character there may be.
const verifier = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// code is one that alice granted to mobile, for callback and with PKCE; change
// may be nil.
func (h *house) code(change func(*seal.Code)) string {
	h.t.Helper()
	code := seal.Code{Client: "mobile", Redirect: callback, Named: true, Scope: []string{"read"}, User: alice.ID,
		UserName: alice.Name, Challenge: s256(verifier)}
	if change != nil {
		change(&code)
	}
	sealed, err := h.Keys.SealCode(code, h.clock().Add(seal.CodeLifetime))
	if err != nil {
		h.t.Fatal(err)
	}
	return sealed.Reveal()
}

// redeeming presents a code as its client does; extra overrides and adds, and
// what is empty counts as left out.
func (h *house) redeeming(client, code string, extra ...string) *oauth.Request {
	h.t.Helper()
	pairs := []string{"grant_type", "authorization_code", "code", code, "redirect_uri", callback, "code_verifier", verifier}
	return h.form(client, append(pairs, extra...)...)
}

func unbound(c *seal.Code) { c.Challenge = "" }

func TestAuthorizationCode(t *testing.T) {
	h := newHouse(t)
	answer := h.tokens(h.redeeming("mobile", h.code(nil)))
	if answer.TokenType != "Bearer" || answer.ExpiresIn != 3600 || answer.Scope != "read" || answer.IssuedTokenType != "" {
		t.Errorf("answer %+v", answer)
	}
	began := oauth.Milli(instant)
	want := oauth.Session{Protocol: oauth.OAuth2, Client: "mobile", User: "u1", UserName: "alice", Scope: []string{"read"},
		Created: began, Renewed: began, AccessExpires: began.Add(accessLife), Expires: began.Add(sessionLife)}
	h.wantSession(seal.AccessToken, answer.AccessToken, want)
	h.wantSession(seal.RefreshToken, answer.RefreshToken, want)
	if again := h.tokens(h.redeeming("mobile", h.code(nil))); again.AccessToken == answer.AccessToken {
		t.Error("a second code gave the first one's tokens")
	}
	for _, scope := range []string{"write", "read write"} {
		h.wantRefused(scope, h.refreshing("mobile", answer.RefreshToken, "scope", scope), http.StatusBadRequest, oauth.InvalidScope)
	}
}

// The rules of RFC 6749 §4.1.3 and RFC 7636 that a client may rely on.
func TestAuthorizationCodeAccepts(t *testing.T) {
	h := newHouse(t)
	short, long := strings.Repeat("-", 43), strings.Repeat("~", 128)
	unnamed := func(c *seal.Code) { c.Named = false }
	for _, test := range []struct {
		name, client string
		change       func(*seal.Code)
		extra        []string
	}{
		{"redirect_uri left out", "mobile", unnamed, []string{"redirect_uri", ""}},
		{"redirect_uri though it was not named", "mobile", unnamed, nil},
		{"shortest verifier", "mobile", func(c *seal.Code) { c.Challenge = s256(short) }, []string{"code_verifier", short}},
		{"longest verifier", "mobile", func(c *seal.Code) { c.Challenge = s256(long) }, []string{"code_verifier", long}},
		{"confidential without PKCE", "mobile", unbound, []string{"code_verifier", ""}},
		{"public", "page", func(c *seal.Code) { c.Client = "page" }, nil},
		{"another loopback port", "mobile", func(c *seal.Code) { c.Redirect = "http://127.0.0.1:7/cb" }, []string{"redirect_uri", "http://127.0.0.1:7/cb"}},
	} {
		response, err := h.Serve(t.Context(), h.redeeming(test.client, h.code(test.change), test.extra...))
		if err != nil || response.Status != http.StatusOK {
			t.Errorf("%s: %d %s, %v", test.name, response.Status, response.Body, err)
		}
	}
}

// What cannot be right spends nothing: whoever holds a code without the rest
// cannot burn it.
func TestAuthorizationCodeRefuses(t *testing.T) {
	h := newHouse(t)
	for _, test := range []struct {
		name, client string
		change       func(*seal.Code)
		extra        []string
		code         string
	}{
		{"no code", "mobile", nil, []string{"code", ""}, oauth.InvalidRequest},
		{"code of another client", "other", nil, nil, oauth.InvalidGrant},
		{"code of another client, public", "page", nil, nil, oauth.InvalidGrant},
		{"not allowed", "brief", nil, nil, oauth.UnauthorizedClient},
		{"no redirect_uri", "mobile", nil, []string{"redirect_uri", ""}, oauth.InvalidGrant},
		{"another that is registered", "mobile", nil, []string{"redirect_uri", "http://127.0.0.1/cb"}, oauth.InvalidGrant},
		{"longer", "mobile", nil, []string{"redirect_uri", callback + "/"}, oauth.InvalidGrant},
		{"another case", "mobile", nil, []string{"redirect_uri", strings.ToUpper(callback)}, oauth.InvalidGrant},
		{"another loopback port", "mobile", func(c *seal.Code) { c.Redirect = "http://127.0.0.1:7/cb" },
			[]string{"redirect_uri", "http://127.0.0.1:8/cb"}, oauth.InvalidGrant},
		{"another though not named", "mobile", func(c *seal.Code) { c.Named = false }, []string{"redirect_uri", "https://evil.com"}, oauth.InvalidGrant},

		{"verifier of another code", "mobile", nil, []string{"code_verifier", strings.ToLower(verifier)}, oauth.InvalidGrant},
		{"no verifier", "mobile", nil, []string{"code_verifier", ""}, oauth.InvalidGrant},
		{"challenge for verifier", "mobile", nil, []string{"code_verifier", s256(verifier)}, oauth.InvalidGrant},
		{"plain", "mobile", func(c *seal.Code) { c.Challenge = verifier }, nil, oauth.InvalidGrant},
		{"longer challenge", "mobile", func(c *seal.Code) { c.Challenge += "=" }, nil, oauth.InvalidGrant},
		{"challenge taken out", "mobile", unbound, nil, oauth.InvalidGrant},
		{"challenge taken out, public", "page", func(c *seal.Code) { c.Client, c.Challenge = "page", "" }, nil, oauth.InvalidGrant},
		{"public without PKCE", "page", func(c *seal.Code) { c.Client, c.Challenge = "page", "" }, []string{"code_verifier", ""}, oauth.InvalidGrant},
		{"short verifier", "mobile", nil, []string{"code_verifier", verifier[:42]}, oauth.InvalidRequest},
		{"long verifier", "mobile", nil, []string{"code_verifier", strings.Repeat("a", 129)}, oauth.InvalidRequest},
		{"verifier with a space", "mobile", nil, []string{"code_verifier", verifier + " a"}, oauth.InvalidRequest},
		{"verifier with a plus within", "mobile", nil, []string{"code_verifier", verifier[:30] + "+" + verifier[30:]}, oauth.InvalidRequest},
		{"verifier beyond ASCII", "mobile", nil, []string{"code_verifier", verifier + "é"}, oauth.InvalidRequest},
	} {
		h.wantRefused(test.name, h.redeeming(test.client, h.code(test.change), test.extra...), http.StatusBadRequest, test.code)
	}
	twice := h.redeeming("mobile", h.code(nil))
	twice.Body = append(twice.Body, "&code_verifier="+verifier...)
	h.wantRefused("two verifiers", twice, http.StatusBadRequest, oauth.InvalidRequest)
	inQuery := h.redeeming("mobile", h.code(nil))
	inQuery.Query = oauth.Params{{Name: "code", Value: h.code(nil)}}
	h.wantRefused("code in the query", inQuery, http.StatusBadRequest, oauth.InvalidRequest)
	if h.store.spends != 0 || h.store.creates != 0 {
		t.Errorf("%d spendings and %d sessions, want none", h.store.spends, h.store.creates)
	}
}

func TestThiefCannotBurnACode(t *testing.T) {
	h := newHouse(t)
	code := h.code(nil)
	h.wantRefused("no verifier", h.redeeming("mobile", code, "code_verifier", ""), http.StatusBadRequest, oauth.InvalidGrant)
	h.wantRefused("another client", h.redeeming("other", code), http.StatusBadRequest, oauth.InvalidGrant)
	h.wantRefused("wrong secret", h.redeeming("mobile", code, "client_secret", "x"), http.StatusUnauthorized, oauth.InvalidClient)
	h.tokens(h.redeeming("mobile", code))
}

func TestCodeExpires(t *testing.T) {
	h := newHouse(t)
	early, late := h.code(nil), h.code(nil)
	h.wait(seal.CodeLifetime - time.Second)
	h.tokens(h.redeeming("mobile", early))
	h.wait(time.Second)
	response := h.wantRefused("expired", h.redeeming("mobile", late), http.StatusBadRequest, oauth.InvalidGrant)
	if !strings.Contains(response.Refusal.Description, "expired") || response.Refusal.UnknownKey {
		t.Errorf("refused with %+v", response.Refusal)
	}
}

// Whatever is no code is refused, and costs nothing.
func TestWhatIsNoCode(t *testing.T) {
	h := newHouse(t)
	code, temporary := h.code(nil), h.temporary(callback)
	tokens := h.tokens(h.password("mobile"))
	h.store.creates = 0
	spends := h.store.spends
	for name, presented := range map[string]string{
		"junk":                             "junk",
		"huge":                             "gthc_" + strings.Repeat("A", 60000),
		"the prefix":                       "gthc_",
		"temporary credentials":            temporary.token,
		"temporary credentials, dressed":   "gthc_" + temporary.token[5:],
		"their secret":                     temporary.secret,
		"a verifier, dressed":              "gthc_" + h.verifier(temporary)[5:],
		"an access token":                  tokens.AccessToken,
		"a refresh token, dressed":         "gthc_" + tokens.RefreshToken[5:],
		"a code with an empty line behind": code + "\n",
		"longer":                           code + "A",
		"cut":                              code[:len(code)-1],
		"twice":                            code + code[5:],
	} {
		h.wantRefused(name, h.redeeming("mobile", presented), http.StatusBadRequest, oauth.InvalidGrant)
	}
	for i := range code {
		changed := code[:i] + string(code[i]^1) + code[i+1:]
		h.wantRefused(changed, h.redeeming("mobile", changed), http.StatusBadRequest, oauth.InvalidGrant)
	}
	if h.store.spends != spends || h.store.creates != 0 {
		t.Errorf("%d spendings and %d sessions, want none", h.store.spends-spends, h.store.creates)
	}
	h.wantRefused("a code for refresh token", h.refreshing("mobile", code), http.StatusBadRequest, oauth.InvalidGrant)
	h.wantRefused("dressed", h.refreshing("mobile", "gthr_"+code[5:]), http.StatusBadRequest, oauth.InvalidGrant)
	h.tokens(h.redeeming("mobile", code))
}

// A rotation between consent and redemption changes nothing; a key that this
// process has not read yet is told as one.
func TestCodeAcrossARotation(t *testing.T) {
	h := newHouse(t)
	before := h.code(nil)
	h.Keys.Replace(parseKeys(t, laterKeys))
	after := h.code(nil)
	h.tokens(h.redeeming("mobile", before))
	h.wantRefused("used before", h.redeeming("mobile", before), http.StatusBadRequest, oauth.InvalidGrant)
	h.Keys.Replace(parseKeys(t, firstKey))
	response := h.wantRefused("unknown key", h.redeeming("mobile", after), http.StatusBadRequest, oauth.InvalidGrant)
	if !response.Refusal.UnknownKey {
		t.Error("an unknown key is not said to be one")
	}
}

// No token leaves before the code is spent and its session is stored.
func TestAuthorizationCodeFaults(t *testing.T) {
	for name, breaks := range map[string]func(*house){
		"spend":                   func(h *house) { h.store.spend = broken },
		"create":                  func(h *house) { h.store.create = broken },
		"both":                    func(h *house) { h.store.spend, h.store.create = broken, broken },
		"revoke of a used code":   func(h *house) { h.store.spend, h.store.create, h.store.kill = spent, exists, broken },
		"revoke of an older code": func(h *house) { h.store.create, h.store.kill = exists, broken },
	} {
		h := newHouse(t)
		breaks(h)
		h.wantFault(name, h.redeeming("mobile", h.code(nil)))
	}
}

func exists() error { return oauth.ErrExists }
