package stress

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop/dpoptest"
	"gatehouse/internal/oauth/seal"
)

const (
	racers = 100
	rounds = 100
	few    = 3 // rounds of a quick test
)

// contest is a thing that nobody has used yet, and the requests that use it.
type contest struct {
	ask   func() request                        // one for each racer
	judge func(context.Context, []answer) error // what is wrong with the answers
}

// kinds are what works once, or again with the same answer.
var kinds = []struct {
	name  string
	begin func(*testing.T, *site) contest
}{
	{"nonce", nonce},
	{"nonce without a token", nonceWithoutToken},
	{"nonce of a token exchange", nonceOfExchange},
	{"nonce of a revocation", nonceOfRevocation},
	{"oauth_verifier", verifier},
	{"oauth_verifier in requests signed anew", verifierAnew},
	{"authorization code", code},
	{"refresh token", refreshToken},
	{"jti", jti},
	{"jti of a token request", jtiOfTokens},
}

// Many send the same at once.
func TestRaces(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			s := newSite(t, steady(t), nil)
			for round := range roundsWanted() {
				if err := race(t.Context(), s, kind.begin(t, s)); err != nil {
					t.Fatalf("round %d: %v", round, err)
				}
			}
		})
	}
}

// A store that breaks its promise loses some race of every kind.
func TestLostRaces(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			var s store = spendsAgain{steady(t)}
			switch kind.name {
			case "authorization code":
				s = keepsKilled{steady(t)}
			case "refresh token":
				s = renewsAnything{steady(t)}
			}
			site := newSite(t, s, nil)
			for range rounds {
				if race(t.Context(), site, kind.begin(t, site)) != nil {
					return
				}
			}
			t.Errorf("none of %d races was lost", rounds)
		})
	}
}

// race sends the requests of all racers at once.
func race(ctx context.Context, s *site, c contest) error {
	got := make([]answer, racers)
	gun := make(chan struct{})
	var ready, done sync.WaitGroup
	ready.Add(racers)
	for racer := range racers {
		done.Go(func() {
			sent := c.ask()
			ready.Done()
			<-gun
			got[racer] = s.send(ctx, sent)
		})
	}
	ready.Wait()
	close(gun)
	done.Wait()
	return c.judge(ctx, got)
}

// same is one request, whoever asks for it.
func same(r request) func() request { return func() request { return r } }

// once accepts one and refuses all others with status.
func once(status int) func(context.Context, []answer) error {
	return func(_ context.Context, got []answer) error {
		accepted := 0
		for _, a := range got {
			switch {
			case a.ok():
				accepted++
			case a.status != status:
				return fmt.Errorf("answer %s, want %d", a, status)
			}
		}
		if accepted != 1 {
			return fmt.Errorf("%d of %d were accepted, want one", accepted, len(got))
		}
		return nil
	}
}

func nonce(t *testing.T, s *site) contest {
	c := s.mustExchange(t)
	return contest{same(s.sign(c, "GET", "/oauth/session")), once(http.StatusUnauthorized)}
}

func nonceWithoutToken(_ *testing.T, s *site) contest {
	r := s.sign(credentials{client: s.Client}, "POST", "/oauth/request_token", "oauth_callback", oauth.OutOfBand)
	return contest{same(r), once(http.StatusUnauthorized)}
}

func nonceOfExchange(t *testing.T, s *site) contest {
	r := s.sign(s.mustExchange(t), "POST", "/oauth/token", "grant_type", exchangeGrant)
	return contest{same(r), once(http.StatusUnauthorized)}
}

func nonceOfRevocation(t *testing.T, s *site) contest {
	r := s.sign(s.mustExchange(t), "POST", "/oauth/revoke")
	return contest{same(r), once(http.StatusUnauthorized)}
}

func verifier(_ *testing.T, s *site) contest {
	return contest{same(s.exchange(s.legs(s.Client, s.User))), once(http.StatusUnauthorized)}
}

// verifierAnew leaves nothing but the verifier to be told apart by.
func verifierAnew(_ *testing.T, s *site) contest {
	l := s.legs(s.Client, s.User)
	return contest{func() request { return s.exchange(l) }, once(http.StatusUnauthorized)}
}

// code is redeemed by one, whom the others let begin the session before they end
// it (RFC 6749 §4.1.2). The tokens that were given work no more.
func code(_ *testing.T, s *site) contest {
	_, redeem := s.code(s.Client, s.User, "")
	return contest{same(redeem), func(ctx context.Context, got []answer) error {
		if err := once(http.StatusBadRequest)(ctx, got); err != nil {
			return err
		}
		first := got[slices.IndexFunc(got, answer.ok)]
		if check := s.send(ctx, bearer("GET", "/oauth/session", first.text("access_token"))); check.status != http.StatusUnauthorized {
			return fmt.Errorf("the session of a code that was used again: %s", check)
		}
		return nil
	}}
}

// refreshToken gives all the same tokens, those of the next generation.
func refreshToken(t *testing.T, s *site) contest {
	first := s.mustRedeem(t)
	return contest{same(refreshing(s.Client, first.text("refresh_token"))), func(ctx context.Context, got []answer) error {
		opened, err := s.keys.Open(seal.RefreshToken, first.text("refresh_token"))
		if err != nil {
			return err
		}
		want := s.tokensOf(opened.Session, opened.Generation+1)
		for _, a := range got {
			if tokensIn(a) != want {
				return fmt.Errorf("answer %s, want the tokens of the next generation", a)
			}
		}
		if check := s.send(ctx, bearer("GET", "/oauth/session", want.access)); !check.ok() {
			return fmt.Errorf("the new access token: %s", check)
		}
		return nil
	}}
}

func jti(t *testing.T, s *site) contest {
	key := dpoptest.NewKey(t)
	tokens := s.send(t.Context(), s.proven(key, post("/oauth/token", by(s.Client, "grant_type", "client_credentials")...), ""))
	token := tokens.text("access_token")
	return contest{same(s.proven(key, request{method: http.MethodGet, path: "/oauth/session"}, token)), once(http.StatusUnauthorized)}
}

func jtiOfTokens(t *testing.T, s *site) contest {
	asked := post("/oauth/token", by(s.Client, "grant_type", "client_credentials")...)
	return contest{same(s.proven(dpoptest.NewKey(t), asked, "")), once(http.StatusBadRequest)}
}

func roundsWanted() int {
	if many() {
		return rounds
	}
	return few
}
