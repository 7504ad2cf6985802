package oauth

import "testing"

func TestClientAllowsOnlyWhatItHas(t *testing.T) {
	var none Client
	all := Client{Grants: Grants()}
	for _, grant := range append(Grants(), "", "magic") {
		known := grant != "" && grant != "magic"
		if none.Allows(grant) || all.Allows(grant) != known {
			t.Errorf("grant %q: %v without any, %v with all", grant, none.Allows(grant), all.Allows(grant))
		}
	}
}

// PLAINTEXT shows the secret to every hop, so it is never a default.
func TestClientAllowsMethod(t *testing.T) {
	unset, empty := Client{}, Client{SignatureMethods: []SignatureMethod{}}
	plain := Client{SignatureMethods: []SignatureMethod{Plaintext}}
	for _, method := range SignatureMethods() {
		isPlain := method == Plaintext
		if unset.AllowsMethod(method) == isPlain || empty.AllowsMethod(method) == isPlain || plain.AllowsMethod(method) != isPlain {
			t.Errorf("%s: unset %v, empty %v, PLAINTEXT only %v", method,
				unset.AllowsMethod(method), empty.AllowsMethod(method), plain.AllowsMethod(method))
		}
	}
}

func TestClientAllowsOrigin(t *testing.T) {
	open, one := Client{Origins: []string{}}, Client{Origins: []string{"https://app.example.com", "null", "*"}}
	for origin, listed := range map[string]bool{
		"https://app.example.com": true, "https://app.example.com:443": false, "https://APP.example.com": false,
		"http://app.example.com": false, "https://evil.example": false, "null": false, "": false,
	} {
		if !open.AllowsOrigin(origin) || one.AllowsOrigin(origin) != listed {
			t.Errorf("%q: %v without a list, %v with one", origin, open.AllowsOrigin(origin), one.AllowsOrigin(origin))
		}
	}
}

// The link goes one way: only the client of the token says who may have it.
func TestClientLinkedTo(t *testing.T) {
	old := Client{ID: "old", LinkedClients: []string{"new"}}
	for id, linked := range map[string]bool{"old": true, "new": true, "other": false, "": false, "New": false} {
		if old.LinkedTo(id) != linked {
			t.Errorf("%q: %v", id, !linked)
		}
	}
	if (&Client{ID: "new"}).LinkedTo("old") {
		t.Error("the link goes back")
	}
}
