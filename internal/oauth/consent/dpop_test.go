package consent

import (
	"net/url"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

const jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"

// RFC 9449 §10: what the client asked for with dpop_jkt is in the code, as it
// was shown to nobody else in between.
func TestKeyOfACode(t *testing.T) {
	h := newHouse(t)
	for query, want := range map[string]string{askWeb: "", askWeb + "&dpop_jkt=": "", askWeb + "&dpop_jkt=" + jkt: jkt} {
		p := h.alice()
		sent := p.submit(p.get(query), "allow").wantBack("https://good.com/cb?", url.Values{"code": {"*"}, "state": {"xyz"}, "iss": {issuer}})
		code, _, err := h.Keys.OpenCode(sent.Get("code"), h.now)
		if err != nil || code.Key != want {
			t.Errorf("%s: %+v, %v", query, code, err)
		}
	}
	for _, bad := range []string{jkt[1:], jkt + "A", jkt[:42] + "J", jkt[:42] + "%3D", strings.Repeat("A", 1000), jkt + "&dpop_jkt=" + jkt} {
		h.alice().get(askWeb+"&dpop_jkt="+bad).wantBack("https://good.com/cb?",
			url.Values{"error": {oauth.InvalidRequest}, "error_description": {"*"}, "state": {"xyz"}, "iss": {issuer}})
	}
}
