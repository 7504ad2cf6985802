package oauth

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const hidden = "hunter2-hunter2"

// holder is a struct as others make them: fmt calls no method of what is in an
// unexported field.
type holder struct {
	Shown  Secret
	hidden Secret
}

// wantHidden fails the test when text shows the secret, in bytes, in
// hexadecimal or in decimal.
func wantHidden(t *testing.T, how, text string) {
	t.Helper()
	for _, form := range []string{"%s", "%x", "%X", "%d"} {
		if strings.Contains(text, strings.Trim(fmt.Sprintf(form, []byte(hidden)), "[]")) {
			t.Errorf("%s shows the secret: %s", how, text)
		}
	}
}

func TestSecretIsNotFormatted(t *testing.T) {
	secret := NewSecret(hidden)
	inside := holder{secret, secret}
	values := map[string]any{"value": secret, "pointer": &secret, "struct": inside, "pointer to struct": &inside,
		"slice": []Secret{secret}, "map": map[string]Secret{"a": secret}, "key": map[Secret]bool{secret: true},
		"sign-in": SignIn{Name: "alice", Password: secret}, "any": []any{secret}}
	for name, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c", "%U", "%p", "%10.3s", "%T"} {
			wantHidden(t, verb+" of a "+name, fmt.Sprintf(verb, value))
		}
		wantHidden(t, "Sprint of a "+name, fmt.Sprint(value))
		wantHidden(t, "Errorf of a "+name, fmt.Errorf("failed: %v", value).Error())
	}
	if got := fmt.Sprintf("%v %+v %#v %s", secret, secret, secret, secret); got != strings.TrimSpace(strings.Repeat("[redacted] ", 4)) {
		t.Errorf("printed as %q", got)
	}
}

func TestSecretIsNotEncoded(t *testing.T) {
	secret := NewSecret(hidden)
	for name, encode := range map[string]func(any) ([]byte, error){"json": json.Marshal, "xml": xml.Marshal} {
		for _, value := range []any{secret, &secret, holder{secret, secret}, []Secret{secret}} {
			text, err := encode(value)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			wantHidden(t, name, string(text))
		}
	}
}

func TestSecretIsNotLogged(t *testing.T) {
	secret := NewSecret(hidden)
	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		log := slog.New(handler)
		log.Info("try", "secret", secret, "pointer", &secret, "struct", holder{secret, secret},
			"slice", []Secret{secret}, slog.Group("in", "secret", secret))
	}
	wantHidden(t, "log/slog", out.String())
	if !strings.Contains(out.String(), "[redacted]") {
		t.Errorf("nothing shows that something was left out: %s", out.String())
	}
}

func TestSecretEqual(t *testing.T) {
	for _, test := range []struct {
		a, b Secret
		want bool
	}{
		{NewSecret("a"), NewSecret("a"), true},
		{NewSecret("a"), NewSecret("b"), false},
		{NewSecret("a"), NewSecret("aa"), false},
		{NewSecret("a"), Secret{}, false},
		{NewSecret(""), Secret{}, true},
		{Secret{}, Secret{}, true},
	} {
		if got := test.a.Equal(test.b); got != test.want || test.b.Equal(test.a) != test.want {
			t.Errorf("%q equal %q: %v, want %v", test.a.Reveal(), test.b.Reveal(), got, test.want)
		}
	}
	if !(Secret{}).Empty() || !NewSecret("").Empty() || NewSecret(" ").Empty() {
		t.Error("Empty does not tell")
	}
	if (Secret{}).Reveal() != "" || NewSecret(hidden).Reveal() != hidden {
		t.Error("Reveal does not give the secret back")
	}
}
