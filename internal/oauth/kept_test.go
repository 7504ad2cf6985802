package oauth

import (
	"reflect"
	"testing"
	"time"
)

var instant = time.Date(2035, 1, 2, 3, 4, 5, 678_912_345, time.FixedZone("", 3600))

func fullSession() Session {
	return Session{ID: SessionID{1}, Protocol: OAuth2, Client: "mobile", User: "u1", UserName: "alice",
		Scope: []string{"write", "read", "read"}, Created: instant, Generation: 3,
		Renewed: instant, AccessScope: []string{"read"}, AccessExpires: instant, Expires: instant,
		PreviousScope: []string{"write"}, PreviousExpires: instant,
		Binding: Binding{Agent: []byte{1}, Address: []byte{2}}, Confirmation: "thumbprint",
		Until: instant, Idle: time.Hour, Killed: Killing{Reason: ReasonAgent, Generation: 1, At: instant},
		SealedSecret: "sealed"}
}

func TestKeptTimes(t *testing.T) {
	wantMilli := time.Date(2035, 1, 2, 2, 4, 5, 678_000_000, time.UTC)
	wantEnd := time.Date(2035, 1, 2, 2, 4, 6, 0, time.UTC)
	if got := Milli(instant); got != wantMilli {
		t.Errorf("Milli: %v, want %v", got, wantMilli)
	}
	if got := End(instant); got != wantEnd {
		t.Errorf("End: %v, want %v", got, wantEnd)
	}
	if got := End(wantEnd); got != wantEnd {
		t.Errorf("End of a whole second: %v, want %v", got, wantEnd)
	}
	if !Milli(time.Time{}).IsZero() || !End(time.Time{}).IsZero() {
		t.Error("the zero time did not stay zero")
	}
}

func TestKeptSession(t *testing.T) {
	s := fullSession()
	kept := s.Kept()
	if want := []string{"read", "write"}; !reflect.DeepEqual(kept.Scope, want) {
		t.Errorf("scope %v, want %v", kept.Scope, want)
	}
	if again := kept.Kept(); !again.Equal(&kept) {
		t.Errorf("kept twice is %+v, want %+v", again, kept)
	}
	kept.Scope[0], kept.AccessScope[0], kept.Binding.Agent[0], kept.Binding.Address[0] = "x", "x", 9, 9
	if want := fullSession(); !s.Equal(&want) {
		t.Errorf("the original shares memory with what is kept: %+v", s)
	}
}

func TestKeptFillsAccessScope(t *testing.T) {
	s := Session{Scope: []string{"b", "a"}, AccessScope: []string{}}
	if got, want := s.Kept().AccessScope, []string{"a", "b"}; !reflect.DeepEqual(got, want) {
		t.Errorf("access scope %v, want %v", got, want)
	}
}

func TestEqualSeesEveryField(t *testing.T) {
	whole := fullSession()
	for i := range reflect.TypeFor[Session]().NumField() {
		other := fullSession()
		field := reflect.ValueOf(&other).Elem().Field(i)
		field.SetZero()
		if other.Equal(&whole) {
			t.Errorf("Equal does not see %s", reflect.TypeFor[Session]().Field(i).Name)
		}
	}
	for _, binding := range []Binding{{Agent: []byte{1}}, {Address: []byte{2}}} {
		other := fullSession()
		other.Binding = binding
		if other.Equal(&whole) {
			t.Errorf("Equal does not see the binding differ: %v", binding)
		}
	}
}

func TestEqualSeesEveryFieldOfAClient(t *testing.T) {
	full := func() Client {
		return Client{ID: "c", Name: "n", Public: true, Disabled: true, Grants: []Grant{GrantXAuth}, Scopes: []string{"s"},
			RedirectURIs: []string{"r"}, SignatureMethods: []SignatureMethod{HMACSHA1}, RSAPublicKey: "pem", Origins: []string{"o"},
			LinkedClients: []string{"l"}, Sunset: instant, Diagnose: true, Binding: BindAgent, OnMismatch: KillSession,
			Imported: true, SecretKey: 1, SecretVersion: 2, SealedSecret: "sealed", Revision: 3}
	}
	whole, same := full(), full()
	if !same.Equal(&whole) {
		t.Error("a client is not equal to itself")
	}
	for i := range reflect.TypeFor[Client]().NumField() {
		other := full()
		reflect.ValueOf(&other).Elem().Field(i).SetZero()
		if other.Equal(&whole) {
			t.Errorf("Equal does not see %s", reflect.TypeFor[Client]().Field(i).Name)
		}
	}
}

func TestKeptClientSharesNothing(t *testing.T) {
	c := Client{Grants: []Grant{GrantXAuth}, Scopes: []string{"s"}, RedirectURIs: []string{},
		SignatureMethods: []SignatureMethod{HMACSHA1}, Origins: []string{"o"}, LinkedClients: []string{"l"}}
	kept := c.Kept()
	kept.Grants[0], kept.Scopes[0], kept.SignatureMethods[0] = "x", "x", "x"
	kept.Origins[0], kept.LinkedClients[0] = "x", "x"
	if c.Grants[0] != GrantXAuth || c.Scopes[0] != "s" || c.SignatureMethods[0] != HMACSHA1 ||
		c.Origins[0] != "o" || c.LinkedClients[0] != "l" {
		t.Errorf("the original shares memory with what is kept: %+v", c)
	}
	if kept.RedirectURIs != nil {
		t.Errorf("an empty list is kept as %#v, want nil", kept.RedirectURIs)
	}
}

func TestKeptClientSunset(t *testing.T) {
	if got, want := (Client{Sunset: instant}).Kept().Sunset, End(instant); got != want {
		t.Errorf("kept as %v, want %v", got, want)
	}
	if got := (Client{}).Kept().Sunset; !got.IsZero() {
		t.Errorf("never is kept as %v", got)
	}
}
