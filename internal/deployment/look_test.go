package deployment

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth/consent"
)

// defaultLook is that of a deployment that sets nothing.
var defaultLook = consent.Look{Name: "Gatehouse", Accent: "#1f5fbf", AccentDark: "#8ab4f8"}

func TestLook(t *testing.T) {
	got, err := ReadSettings(from(map[string]string{"DISPLAY_NAME": " Müller & Söhne ", "LOGO_URL": "https://cdn.example.com:8443/logo.svg?v=2",
		"ACCENT_COLOR": "#A0b1C2", "ACCENT_COLOR_DARK": "#000000", "SIGN_IN_LIFETIME": "60",
		"SCOPE_DESCRIPTIONS": `{"read":"See your notes","notes:write":"<Change> your notes"}`}))
	want := consent.Look{Name: "Müller & Söhne", LogoURL: "https://cdn.example.com:8443/logo.svg?v=2", Accent: "#A0b1C2", AccentDark: "#000000",
		Scopes: map[string]string{"read": "See your notes", "notes:write": "<Change> your notes"}}
	if err != nil || !reflect.DeepEqual(got.Look, want) {
		t.Errorf("got %+v, %v, want %+v", got.Look, err, want)
	}
	if got.SignIn != time.Minute {
		t.Errorf("sign-in lasts %v, want a minute", got.SignIn)
	}
}

// The template bounds the name in characters, of which each may take four
// bytes.
func TestLongestDisplayName(t *testing.T) {
	for name, right := range map[string]bool{
		strings.Repeat("n", 64): true, strings.Repeat("名", 64): true, strings.Repeat("名", 65): false, strings.Repeat("n", 65): false,
	} {
		got, err := ReadSettings(from(map[string]string{"DISPLAY_NAME": name}))
		if right && (err != nil || got.Look.Name != name) || !right && err == nil {
			t.Errorf("%d bytes: %q, %v", len(name), got.Look.Name, err)
		}
	}
}

func TestBadLookIsNamed(t *testing.T) {
	for _, test := range []badSetting{
		{"DISPLAY_NAME", []string{"a\nb", "a\x00b", "a\u0085b", "\xff"}, "64 characters"},
		{"LOGO_URL", []string{"http://example.com/logo.svg", "//example.com/logo.svg", "/logo.svg", "logo.svg", "data:image/png;base64,AAAA",
			"javascript:alert(1)", "https://", "https://:443/logo.svg", "https://u:hunter2@example.com/logo.svg", "https://example.com/a b.svg",
			"https://example.com;script-src/logo.svg", "https://example.com/a'b", `https://example.com/a"b`, "https://example.com/a,b",
			"https://example.com/\r\nX-Header: b", ":"}, "https URL"},
		{"ACCENT_COLOR", []string{"red", "#fff", "#12345g", "1f5fbf", "#1f5fbf;", "#1f5fbf ", "#1f5fbf00", "#1f5fbf\n"}, "colour like"},
		{"ACCENT_COLOR_DARK", []string{"url(https://evil.com)", "#", "#1f5fbf}body{display:none"}, "colour like"},
		{"SCOPE_DESCRIPTIONS", []string{"read", `["read"]`, `{"read":1}`, `{"read":{"a":"b"}}`, `"read"`, `{"read":"a"`}, "JSON object of strings"},
		{"SCOPE_DESCRIPTIONS", []string{`{"":"a"}`, `{"read write":"a"}`, `{"größe":"a"}`, `{"a\"b":"c"}`, `{"a\nb":"c"}`}, "is not a scope"},
		{"SIGN_IN_LIFETIME", []string{"59", "2592001", "0", "-60", "1h"}, "from 60 to 2592000"},
	} {
		test.wantNamed(t)
	}
}
