package apigateway_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/audit"
	"gatehouse/internal/oauth"
)

// audited is a gateway of a Lambda function, and its audit log.
func audited(t testing.TB) (*apigateway.Gateway, *strings.Builder) {
	t.Helper()
	g, _ := newGateway(t, "")
	log := &strings.Builder{}
	g.Function, g.Audit = "f", audit.NewLog(log)
	return g, log
}

const (
	auditTime = `{"audit":1,"event":"`
	auditWho  = `","time":"2024-10-14T13:38:02.003Z","actor":"f","client":"mobile","user":"u-alice","session":"AAECAwQFBgcICQoLDA0ODw","protocol":"oauth2"`
	auditID   = `,"request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef"}` + "\n"
)

func TestAuditOfAProxy(t *testing.T) {
	event := func(name, reason string) string {
		if reason != "" {
			reason = `,"reason":"` + reason + `"`
		}
		return auditTime + name + auditWho + reason + auditID
	}
	did := func(act oauth.Act, grant oauth.Grant) oauth.Response {
		return oauth.Response{Status: 200, Act: act, Grant: grant, Session: &allowed.Session}
	}
	refused := func(edit func(*oauth.Error)) oauth.Response {
		return oauth.Response{Status: 400, Refusal: refusing(func(r *oauth.Error) { r.Session = &allowed.Session; edit(r) })}
	}
	broken := did(oauth.ActTokenIssued, oauth.GrantPassword)
	broken.Status, broken.Fault = 503, errStore
	for _, test := range []struct {
		name     string
		response oauth.Response
		want     string
	}{
		{"nothing to tell", did("", ""), ""},
		{"passed on", did(oauth.ActAccepted, ""), ""},
		{"tokens", did(oauth.ActTokenIssued, oauth.GrantRefreshToken), event("token_issued", "refresh_token")},
		{"a password", did(oauth.ActTokenIssued, oauth.GrantPassword), event("signed_in", "password") + event("token_issued", "password")},
		{"xAuth", did(oauth.ActTokenIssued, oauth.GrantXAuth), event("signed_in", "xauth") + event("token_issued", "xauth")},
		{"the page", did(oauth.ActSignedIn, ""), event("signed_in", "")},
		{"sign-out", did(oauth.ActSignedOut, ""), event("signed_out", "")},
		{"revocation", did(oauth.ActTokenRevoked, ""), event("token_revoked", "")},
		{"junk", refused(func(*oauth.Error) {}), ""},
		{"a genuine token", refused(func(r *oauth.Error) { r.Act = oauth.ActTokenRefused }), event("token_refused", "invalid_token")},
		{"a wrong password", refused(func(r *oauth.Error) { r.Act, r.Code = oauth.ActSignInRefused, oauth.InvalidGrant }), event("sign_in_refused", "invalid_grant")},
		{"theft", refused(func(r *oauth.Error) {
			r.Act, r.Reason, r.OnMismatch = oauth.ActTokenRefused, oauth.ReasonRefreshReuse, oauth.KillSession
		}), event("session_destroyed", "refresh_reuse")},
		{"theft, where nothing ends", refused(func(r *oauth.Error) { r.Reason, r.OnMismatch = oauth.ReasonAgent, oauth.RejectOnly }), event("token_refused", "user_agent")},
		{"what broke", broken, ""},
	} {
		g, log := audited(t)
		invokeProxy(t, g, readEvent(t, "rest-proxy-form"), serving(test.response))
		if got := log.String(); got != test.want {
			t.Errorf("%s:\n%swant\n%s", test.name, got, test.want)
		}
	}
}

// Of the authorizer's requests the log is told nothing but thefts and replays,
// or it would be as long as the log of all requests.
func TestAuditOfAnAuthorizer(t *testing.T) {
	held := func(edit func(*oauth.Error)) oauth.Verdict {
		return oauth.Refuse(refusing(func(r *oauth.Error) { r.Session = &allowed.Session; edit(r) }))
	}
	for _, test := range []struct {
		verdict oauth.Verdict
		want    string
	}{
		{allowed, ""},
		{oauth.Verdict{}, ""},
		{held(func(*oauth.Error) {}), ""},
		{held(func(r *oauth.Error) { r.Reason, r.OnMismatch = oauth.ReasonAddress, oauth.KillToken }), `session_destroyed` + auditWho + `,"reason":"address"`},
		{held(func(r *oauth.Error) { r.Code, r.Replayed, r.Act = oauth.NonceUsed, true, oauth.ActTokenRefused }), `token_refused` + auditWho + `,"reason":"nonce_used"`},
	} {
		g, log := audited(t)
		g.Authorizer(answering(test.verdict)).Invoke(t.Context(), readEvent(t, "rest-authorizer"))
		if test.want != "" {
			test.want = auditTime + test.want + auditID
		}
		if got := log.String(); got != test.want {
			t.Errorf("%+v:\n%swant\n%s", test.verdict, got, test.want)
		}
	}
}

type fullDisk struct{}

var errFull = errors.New("the disk is full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// What is done is done, and its answer is sent; the other log says what is lost.
func TestAuditLogThatFails(t *testing.T) {
	g, log := newGateway(t, "")
	g.Audit = audit.NewLog(fullDisk{})
	invokeProxy(t, g, readEvent(t, "rest-proxy-form"), serving(oauth.Response{Status: 200, Act: oauth.ActSignedIn, Session: &allowed.Session}))
	var line map[string]any
	_, last, _ := strings.Cut(strings.TrimSpace(log.String()), "\n")
	if err := json.Unmarshal([]byte(last), &line); err != nil || line["level"] != "ERROR" || line["event"] != "signed_in" ||
		!strings.Contains(last, errFull.Error()) {
		t.Errorf("%v in %s", err, log)
	}
}
