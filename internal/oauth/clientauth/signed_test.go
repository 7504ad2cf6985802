package clientauth

import (
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

func TestSigned(t *testing.T) {
	a, _ := newAuthenticator(t)
	for _, test := range []struct {
		name, id, secret string
		now              time.Duration
		problem          string // empty: let in
	}{
		{"right", "mobile", secretOf(t, a, "mobile"), 0, ""},
		{"hard characters", hardID, hardSecret, 0, ""},
		{"at the end of the window", "mobile", secretOf(t, a, "mobile"), 5 * time.Minute, ""},
		{"after the window", "mobile", secretOf(t, a, "mobile"), 5*time.Minute + time.Second, oauth.TimestampRefused},
		{"before the window", "mobile", secretOf(t, a, "mobile"), -5*time.Minute - time.Second, oauth.TimestampRefused},
		{"wrong secret", "mobile", "wrong", 0, oauth.SignatureInvalid},
		{"no secret", "mobile", "", 0, oauth.SignatureInvalid},
		{"unknown", "nobody", "wrong", 0, oauth.ConsumerKeyUnknown},
		{"unknown, with what would be derived for it", "nobody", secretOf(t, a, "nobody"), 0, oauth.ConsumerKeyUnknown},
		{"unknown, late", "nobody", "wrong", time.Hour, oauth.ConsumerKeyUnknown},
		{"disabled", "disabled", secretOf(t, a, "disabled"), 0, oauth.ConsumerKeyUnknown},
		{"public, signed with nothing", "web", "", 0, oauth.ConsumerKeyRefused},
		{"public, signed with what would be derived", "web", secretOf(t, a, "web"), 0, oauth.ConsumerKeyRefused},
		{"right before its sunset", "sunset", secretOf(t, a, "sunset"), -time.Second, ""},
		{"at its sunset", "sunset", secretOf(t, a, "sunset"), 0, oauth.ConsumerKeyRefused},
		{"after its sunset", "sunset", secretOf(t, a, "sunset"), time.Minute, oauth.ConsumerKeyRefused},
		{"after its sunset, with a wrong secret", "sunset", "wrong", time.Minute, oauth.SignatureInvalid},
		{"after its sunset, late", "sunset", secretOf(t, a, "sunset"), time.Hour, oauth.TimestampRefused},
		{"retired, signed with nothing", "retired", "", 0, oauth.ConsumerKeyUnknown},
	} {
		client, refusal, err := a.Signed(t.Context(), sign(t, test.id, test.secret, oauth.HMACSHA256), oauth.Secret{}, instant.Add(test.now))
		switch {
		case err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.problem == "" && (refusal != nil || client.ID != test.id):
			t.Errorf("%s: %q, %+v, want to be let in", test.name, client.ID, refusal)
		case test.problem != "" && (refusal == nil || refusal.Code != test.problem):
			t.Errorf("%s: %+v, want %s", test.name, refusal, test.problem)
		}
	}
}

func TestSignedTokenSecretCounts(t *testing.T) {
	a, _ := newAuthenticator(t)
	signed := sign(t, "mobile", secretOf(t, a, "mobile"), oauth.HMACSHA1)
	_, refusal, err := a.Signed(t.Context(), signed, oauth.NewSecret("token secret"), instant)
	if err != nil || refusal == nil || refusal.Code != oauth.SignatureInvalid {
		t.Errorf("signed without the token's secret: %+v, %v", refusal, err)
	}
}

// PLAINTEXT is for clients that name it: not for one with the default methods,
// and not for one that does not exist.
func TestSignedPlaintextIsOptIn(t *testing.T) {
	a, _ := newAuthenticator(t)
	for id, problem := range map[string]string{"mobile": oauth.SignatureMethodRejected, "nobody": oauth.ConsumerKeyUnknown} {
		_, refusal, err := a.Signed(t.Context(), sign(t, id, secretOf(t, a, id), oauth.Plaintext), oauth.Secret{}, instant)
		if err != nil || refusal == nil || refusal.Code != problem {
			t.Errorf("%s: %+v, %v, want %s", id, refusal, err, problem)
		}
	}
}

// An unknown client goes the way of a known one: it makes as much garbage,
// which is exact, and takes about as long, which is not.
func TestUnknownClientTakesTheSamePath(t *testing.T) {
	a, _ := newAuthenticator(t)
	check := func(id string) func() {
		signed := sign(t, id, "wrong", oauth.HMACSHA256)
		return func() {
			if _, refusal, err := a.Signed(t.Context(), signed, oauth.Secret{}, instant); err != nil || refusal == nil {
				t.Fatalf("%s: %+v, %v", id, refusal, err)
			}
		}
	}
	known, unknown := check("mobile"), check("nobody")
	garbage, want := testing.AllocsPerRun(100, unknown), testing.AllocsPerRun(100, known)
	if garbage < want-2 || garbage > want+2 {
		t.Errorf("an unknown client makes %.0f allocations, a known one %.0f", garbage, want)
	}
	took, usual := fastest(unknown), fastest(known)
	if took*4 < usual || usual*4 < took {
		t.Errorf("an unknown client takes %v, a known one %v", took, usual)
	}
}

// fastest is the shortest of many runs, which a busy machine changes least.
func fastest(run func()) time.Duration {
	least := time.Hour
	for range 300 {
		began := time.Now()
		run()
		least = min(least, time.Since(began))
	}
	return least
}

// A diagnosis is for refused requests of known clients that want it.
func TestSignedIsDiagnosed(t *testing.T) {
	a, _ := newAuthenticator(t)
	asked := 0
	a.Diagnose = func(r *oauth.Request, c *oauth.Client, key oauth1.Key, now time.Time) string {
		asked++
		if r == nil || c.ID != "diagnosed" || !key.ClientSecret.Equal(oauth.NewSecret(secretOf(t, a, "diagnosed"))) || !now.Equal(instant) {
			t.Errorf("asked about %+v at %s", c, now)
		}
		return "why"
	}
	for _, test := range []struct{ id, secret, want string }{
		{"diagnosed", "wrong", "why"}, {"mobile", "wrong", ""}, {"nobody", "wrong", ""}, {"diagnosed", secretOf(t, a, "diagnosed"), ""},
	} {
		_, refusal, err := a.Signed(t.Context(), sign(t, test.id, test.secret, oauth.HMACSHA1), oauth.Secret{}, instant)
		if err != nil || refusal != nil && refusal.Diagnosis != test.want || refusal == nil && test.want != "" {
			t.Errorf("%s: %+v, %v", test.id, refusal, err)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times, want once", asked)
	}
}
