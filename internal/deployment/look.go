package deployment

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/consent"
)

// look reads what the pages look like.
func (e *environment) look() consent.Look {
	return consent.Look{
		Name:       e.displayName("DISPLAY_NAME", "Gatehouse"),
		LogoURL:    e.logo("LOGO_URL"),
		Accent:     e.color("ACCENT_COLOR", "#1f5fbf"),
		AccentDark: e.color("ACCENT_COLOR_DARK", "#8ab4f8"),
		Scopes:     e.scopeWords("SCOPE_DESCRIPTIONS"),
	}
}

func (e *environment) displayName(name, otherwise string) string {
	value := strings.TrimSpace(e.get(name))
	switch {
	case value == "":
		return otherwise
	case utf8.RuneCountInString(value) > 64 || !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl):
		e.fault(name, "takes at most 64 characters, none of them a control character")
	}
	return value
}

func (e *environment) logo(name string) string {
	value := e.get(name)
	if value == "" {
		return ""
	}
	logo, err := url.Parse(value)
	if err != nil || logo.Scheme != "https" || logo.Hostname() == "" || logo.User != nil || strings.ContainsAny(value, " ;,'\"") {
		e.fault(name, "takes an https URL, such as https://example.com/logo.svg")
	}
	return value
}

func (e *environment) color(name, otherwise string) string {
	value := e.get(name)
	if value == "" {
		return otherwise
	}
	if !regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`).MatchString(value) {
		e.fault(name, fmt.Sprintf("takes a colour like #1f5fbf, not %q", value))
	}
	return value
}

// scopeWords is a JSON object of what each scope means.
func (e *environment) scopeWords(name string) map[string]string {
	text := e.get(name)
	if text == "" {
		return nil
	}
	var words map[string]string
	if json.Unmarshal([]byte(text), &words) != nil {
		e.fault(name, `takes a JSON object of strings, like {"read":"See your notes"}`)
		return nil
	}
	for scope := range words {
		if tokens, ok := oauth.ParseScope(scope); !ok || len(tokens) != 1 {
			e.fault(name, fmt.Sprintf("%q is not a scope", scope))
		}
	}
	return words
}
