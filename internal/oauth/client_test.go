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
