package deployment

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"gatehouse"
	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/grants"
	"gatehouse/internal/oauth/password"
)

// from gets variables out of a map, as os.Getenv does out of the environment.
func from(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestDefaultSettings(t *testing.T) {
	got, err := ReadSettings(from(nil))
	want := Settings{Origin: "*", Terms: grants.Terms{Realm: "gatehouse", Access: time.Hour, Session: 30 * 24 * time.Hour, Grace: 30 * time.Second,
		Binding: oauth.BindingPolicy{To: oauth.BindNone, OnMismatch: oauth.KillToken}},
		Window: 300 * time.Second, Consistency: oauth.Eventual, Look: defaultLook, SignIn: time.Hour, Password: password.OWASP(), Metrics: true, AuthTimeout: 3 * time.Second,
		UpstreamTimeout: 25 * time.Second}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestSettings(t *testing.T) {
	got, err := ReadSettings(from(map[string]string{"PUBLIC_BASE_URL": "https://API.example.com:443/v1/", "REALM": "my api!",
		"ACCESS_TOKEN_LIFETIME": "60", "SESSION_LIFETIME": "315360000", "OAUTH1_LIFETIME": "1", "REFRESH_GRACE": "0",
		"TIMESTAMP_WINDOW": "3600", "CONSISTENT_READS": "true", "DPOP_NONCE": "true", "ALLOWED_ORIGIN": "https://app.example.com",
		"TRUSTED_PROXIES": "2", "METRICS": "false", "IDLE_TIMEOUT": "60", "TOKEN_BINDING": "agent+address", "ON_MISMATCH": "session",
		"UPSTREAM_URL": "https://Backend.example.com/v1", "UPSTREAM_TIMEOUT": "28", "PASSWORD_MEMORY": "131072", "PASSWORD_PASSES": "8",
		"AUTHENTICATOR_FUNCTION_ARN": "arn:aws:lambda:eu-central-1:123456789012:function:check", "AUTHENTICATOR_TIMEOUT": "6"}))
	if err != nil || got.BaseURL == nil || got.BaseURL.String() != "https://api.example.com/v1" ||
		got.Upstream == nil || got.Upstream.String() != "https://backend.example.com/v1/" {
		t.Fatalf("got %v and %v, %v", got.BaseURL, got.Upstream, err)
	}
	got.BaseURL, got.Upstream = nil, nil
	twoHops, err := apigateway.ParseTrustedProxies("2")
	if err != nil {
		t.Fatal(err)
	}
	want := Settings{Origin: "https://app.example.com", Trusted: twoHops, Terms: grants.Terms{Realm: "my api!", Access: time.Minute, Session: 3650 * 24 * time.Hour, OAuth1: time.Second,
		Idle: time.Minute, Binding: oauth.BindingPolicy{To: oauth.BindAgentAddress, OnMismatch: oauth.KillSession}},
		Window: time.Hour, Consistency: oauth.Strong, Nonces: true, Look: defaultLook, SignIn: time.Hour, Password: password.Cost{Memory: 131072, Passes: 8, Threads: 1},
		AuthFunction: "arn:aws:lambda:eu-central-1:123456789012:function:check", AuthTimeout: 6 * time.Second, UpstreamTimeout: 28 * time.Second}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// badSetting is a variable with values that it does not take.
type badSetting struct {
	variable string
	values   []string
	takes    string
}

// wantNamed fails the test unless each value is a fault that says what the variable
// takes, and can be logged.
func (b *badSetting) wantNamed(t *testing.T) {
	t.Helper()
	for _, value := range b.values {
		_, err := ReadSettings(from(map[string]string{b.variable: value}))
		if err == nil || !strings.Contains(err.Error(), "environment variable "+b.variable) || !strings.Contains(err.Error(), b.takes) {
			t.Errorf("%s=%q: %v, want an error that names it and %q", b.variable, value, err, b.takes)
			continue
		}
		if text := err.Error(); strings.ContainsAny(text, "\r\n\x00") || strings.Contains(text, "hunter2") {
			t.Errorf("%s=%q: the error is not fit for a log: %q", b.variable, value, text)
		}
	}
}

func TestBadSettingsAreNamed(t *testing.T) {
	seconds := func(least, most string) string { return "from " + least + " to " + most }
	for _, test := range []badSetting{
		{"ACCESS_TOKEN_LIFETIME", []string{"59", "86401", "0", "-60", "1h", "60.0", " 60", "0x40", "99999999999999999999"}, seconds("60", "86400")},
		{"SESSION_LIFETIME", []string{"59", "315360001", "30d", "9223372036854775807"}, seconds("60", "315360000")},
		{"OAUTH1_LIFETIME", []string{"-1", "315360001", "never"}, seconds("0", "315360000")},
		{"REFRESH_GRACE", []string{"-1", "601", "30s"}, seconds("0", "600")},
		{"IDLE_TIMEOUT", []string{"1", "59"}, "0 for never, or a whole number of seconds from 60"},
		{"IDLE_TIMEOUT", []string{"-1", "100000000", "1h", "off"}, seconds("0", "99999999")},
		{"TOKEN_BINDING", []string{"ip", "Agent", "agent,address", "address+agent", " agent", "agent+network ", "off"},
			"one of none, agent, address, network, agent+address, agent+network, dpop, not "},
		{"ON_MISMATCH", []string{"kill", "Token", "none", "token,session"}, "one of token, session, reject, not "},
		{"TIMESTAMP_WINDOW", []string{"0", "-300", "3601"}, seconds("1", "3600")},
		{"TRUSTED_PROXIES", []string{"0", "10", "cloudfront", "10.0.0.1/8", "0.0.0.0/0", "10.0.0.0/8;10.1.0.0/16", "10.0.0.0/8,", "a\r\nb"}, "192.0.2.7,198.51.100.0/24"},
		{"CONSISTENT_READS", []string{"yes", "1", "True", "TRUE", " true"}, "true or false"},
		{"METRICS", []string{"off", "1", "False"}, "true or false"},
		{"DPOP_NONCE", []string{"yes", "0", "False", "required"}, "true or false"},
		{"REALM", []string{`a "b"`, "a\\b", "a\r\nX-Header: b", "größe", "\x00"}, "printable ASCII"},
		{"ALLOWED_ORIGIN", []string{"https://a\r\nX-Header: b"}, "printable ASCII"},
		{"PUBLIC_BASE_URL", []string{"api.example.com", "ftp://example.com", "https://", "https://example.com?a=b", "https://example.com#a",
			"https://u:hunter2@example.com", ":", "/v1"}, "https://api.example.com/v1"},
		{"UPSTREAM_URL", []string{"backend", "ftp://example.com", "https://", "https://example.com?a=b", "https://example.com#a", "https://example.com/a/../b",
			"https://u:hunter2@example.com", ":", "/v1", "http://a b", "http://a\r\nb"}, "https://backend.example.com/v1"},
		{"PASSWORD_MEMORY", []string{"8191", "131073", "19 MiB", "-1", "4294986752"}, "from 8192 to 131072"},
		{"PASSWORD_PASSES", []string{"0", "9", "two", "4294967298"}, "from 1 to 8"},
		{"AUTHENTICATOR_FUNCTION_ARN", []string{"check", "arn:aws:s3:::a", "arn:aws:lambda:eu-central-1:123456789012:function:a\r\nb"}, "the ARN of a Lambda function"},
		{"AUTHENTICATOR_URL", []string{"users", "http://users.example.com/check", "https://", "https://u:hunter2@example.com", "https://example.com?a=b",
			"https://example.com#a", "ftp://example.com", "https://a\r\nb", "https:example.com"}, "https://users.example.com/check"},
		{"AUTHENTICATOR_TIMEOUT", []string{"0", "7", "3s"}, seconds("1", "6")},
		{"UPSTREAM_TIMEOUT", []string{"0", "29", "-1", "1s"}, seconds("1", "28")},
	} {
		test.wantNamed(t)
	}
}

// Every name that there is works, and stands for itself.
func TestBindingSettings(t *testing.T) {
	for _, to := range oauth.Bindings() {
		for _, onMismatch := range oauth.OnMismatches() {
			got, err := ReadSettings(from(map[string]string{"TOKEN_BINDING": string(to), "ON_MISMATCH": string(onMismatch)}))
			if want := (oauth.BindingPolicy{To: to, OnMismatch: onMismatch}); err != nil || got.Terms.Binding != want {
				t.Errorf("%s and %s: %+v, %v", to, onMismatch, got.Terms.Binding, err)
			}
		}
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	bad := map[string]string{"PUBLIC_BASE_URL": "x", "REALM": `"`, "ACCESS_TOKEN_LIFETIME": "x", "SESSION_LIFETIME": "x", "OAUTH1_LIFETIME": "x",
		"REFRESH_GRACE": "x", "TIMESTAMP_WINDOW": "x", "CONSISTENT_READS": "x", "DISPLAY_NAME": "a\nb", "LOGO_URL": "x", "ACCENT_COLOR_DARK": "x",
		"SCOPE_DESCRIPTIONS": "x", "SIGN_IN_LIFETIME": "x", "ROUTE_SCOPES": "x", "UPSTREAM_URL": "x", "UPSTREAM_TIMEOUT": "x",
		"IDLE_TIMEOUT": "x", "TOKEN_BINDING": "x", "ON_MISMATCH": "x", "TRUSTED_PROXIES": "x", "METRICS": "x",
		"PASSWORD_MEMORY": "x", "PASSWORD_PASSES": "x",
		"AUTHENTICATOR_FUNCTION_ARN": "x", "AUTHENTICATOR_TIMEOUT": "x"}
	_, err := ReadSettings(from(bad))
	if err == nil {
		t.Fatal("no error")
	}
	for name := range bad {
		if strings.Count(err.Error(), name) != 1 {
			t.Errorf("%s is not named once in: %v", name, err)
		}
	}
}

// A setting that template.yaml does not pass on could not be set on AWS.
func TestTheTemplateSetsEveryVariable(t *testing.T) {
	functions := map[string]int{"ON_MISMATCH": 4} // whoever checks requests; elsewhere one place is enough
	_, err := ReadSettings(func(name string) string {
		passed := strings.Count(string(gatehouse.Template), name+": !Ref")
		if name != "PUBLIC_BASE_URL" && passed < max(1, functions[name]) { // that is a stage variable
			t.Errorf("%s is passed to %d functions", name, passed)
		}
		return ""
	})
	if err != nil {
		t.Error(err)
	}
}
