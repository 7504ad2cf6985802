package deployment

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/consent"
	"gatehouse/internal/oauth/grants"
	"gatehouse/internal/oauth/password"
	"gatehouse/internal/oauth/rules"
	"gatehouse/internal/proxy"
)

// Settings are what an operator decides, from environment variables; those
// that are not left to their defaults on Lambda are set by template.yaml.
type Settings struct {
	BaseURL     *url.URL                  // PUBLIC_BASE_URL, of an API that has no stage variable of that name; nil: as the gateway says
	Trusted     apigateway.TrustedProxies // TRUSTED_PROXIES
	PlainHTTP   bool                      // without a BaseURL, requests come by http; not on AWS
	Origin      string                    // ALLOWED_ORIGIN, "*" for all
	Terms       grants.Terms              // REALM, ACCESS_TOKEN_LIFETIME, SESSION_LIFETIME, OAUTH1_LIFETIME, REFRESH_GRACE, IDLE_TIMEOUT, TOKEN_BINDING, ON_MISMATCH
	Window      time.Duration             // TIMESTAMP_WINDOW
	Consistency oauth.Consistency         // CONSISTENT_READS
	Nonces      bool                      // DPOP_NONCE
	Look        consent.Look              // DISPLAY_NAME, LOGO_URL, ACCENT_COLOR, ACCENT_COLOR_DARK, SCOPE_DESCRIPTIONS
	SignIn      time.Duration             // SIGN_IN_LIFETIME
	Rules       rules.Rules               // ROUTE_SCOPES
	Password    password.Cost             // PASSWORD_MEMORY, PASSWORD_PASSES
	Metrics     bool                      // METRICS, true where it is empty

	AuthFunction string        // AUTHENTICATOR_FUNCTION_ARN; empty: none is asked
	AuthWebhook  *url.URL      // AUTHENTICATOR_URL; nil: none
	AuthTimeout  time.Duration // AUTHENTICATOR_TIMEOUT; a function has 10 s for all of a request

	Upstream        *url.URL      // UPSTREAM_URL; nil: there is no backend
	UpstreamTimeout time.Duration // UPSTREAM_TIMEOUT; a REST API waits for 29 s
}

// ReadSettings reads every setting with get, such as os.Getenv; what is empty
// has its default. The error names each variable at fault and what it takes.
func ReadSettings(get func(string) string) (Settings, error) {
	e := &environment{get: get}
	s := Settings{
		BaseURL: e.url("PUBLIC_BASE_URL", apigateway.ParseBaseURL),
		Trusted: e.trustedProxies("TRUSTED_PROXIES"),
		Origin:  e.text("ALLOWED_ORIGIN", "*"),
		Terms: grants.Terms{
			Realm:   e.text("REALM", "gatehouse"),
			Access:  e.seconds("ACCESS_TOKEN_LIFETIME", time.Hour, time.Minute, 24*time.Hour),
			Session: e.seconds("SESSION_LIFETIME", 30*24*time.Hour, time.Minute, 3650*24*time.Hour),
			OAuth1:  e.seconds("OAUTH1_LIFETIME", 0, 0, 3650*24*time.Hour),
			Grace:   e.seconds("REFRESH_GRACE", 30*time.Second, 0, 10*time.Minute),
			Idle:    e.idle("IDLE_TIMEOUT"),
			Binding: e.binding("TOKEN_BINDING", "ON_MISMATCH"),
		},
		Window:      e.seconds("TIMESTAMP_WINDOW", 300*time.Second, time.Second, time.Hour),
		Consistency: oauth.Consistency(e.flag("CONSISTENT_READS")),
		Nonces:      e.flag("DPOP_NONCE"),
		Look:        e.look(),
		SignIn:      e.seconds("SIGN_IN_LIFETIME", time.Hour, time.Minute, 30*24*time.Hour),
		Rules:       e.rules("ROUTE_SCOPES"),
		Password:    e.passwordCost(),
		Metrics:     e.flag("METRICS") || e.get("METRICS") == "",

		AuthFunction: e.function("AUTHENTICATOR_FUNCTION_ARN"),
		AuthWebhook:  e.webhook("AUTHENTICATOR_URL", "AUTHENTICATOR_FUNCTION_ARN"),
		AuthTimeout:  e.seconds("AUTHENTICATOR_TIMEOUT", 3*time.Second, time.Second, 6*time.Second),

		Upstream:        e.url("UPSTREAM_URL", proxy.ParseUpstream),
		UpstreamTimeout: e.seconds("UPSTREAM_TIMEOUT", 25*time.Second, time.Second, 28*time.Second),
	}
	return s, errors.Join(e.faults...)
}

// environment collects the faults of all variables, so that one look shows
// them all.
type environment struct {
	get    func(string) string
	faults []error
}

func (e *environment) fault(name, wants string) {
	e.faults = append(e.faults, fmt.Errorf("environment variable %s: %s", name, wants))
}

// text is a realm or the like: printable ASCII without quotes, since it goes
// into a header.
func (e *environment) text(name, otherwise string) string {
	value := e.get(name)
	if value == "" {
		return otherwise
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			e.fault(name, "takes printable ASCII without quotes and backslashes")
			return otherwise
		}
	}
	return value
}

func (e *environment) required(name string) string {
	value := e.get(name)
	if value == "" {
		e.fault(name, "is not set; template.yaml sets it")
	}
	return value
}

func (e *environment) seconds(name string, otherwise, least, most time.Duration) time.Duration {
	return time.Duration(e.number(name, "seconds", int64(otherwise/time.Second), int64(least/time.Second), int64(most/time.Second))) * time.Second
}

func (e *environment) number(name, of string, otherwise, least, most int64) int64 {
	text := e.get(name)
	if text == "" {
		return otherwise
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value < least || value > most {
		e.fault(name, fmt.Sprintf("takes a whole number of %s from %d to %d, not %q", of, least, most, text))
		return otherwise
	}
	return value
}

// passwordCost is what hashes of passwords are to cost.
func (e *environment) passwordCost() password.Cost {
	cost := password.OWASP()
	cost.Memory = uint32(e.number("PASSWORD_MEMORY", "KiB", int64(cost.Memory), password.LeastMemory, password.MostMemory))    // #nosec G115 -- number keeps it between the two
	cost.Passes = uint32(e.number("PASSWORD_PASSES", "passes", int64(cost.Passes), password.LeastPasses, password.MostPasses)) // #nosec G115 -- number keeps it between the two
	return cost
}

// url is what parse makes of a variable, nil where that is empty.
func (e *environment) url(name string, parse func(string) (*url.URL, error)) *url.URL {
	text := e.get(name)
	if text == "" {
		return nil
	}
	parsed, err := parse(text)
	e.parsed(name, err)
	return parsed
}

// parsed notes a variable that could not be.
func (e *environment) parsed(name string, err error) {
	if err != nil {
		e.faults = append(e.faults, fmt.Errorf("environment variable %s: %w", name, err))
	}
}

func (e *environment) trustedProxies(name string) apigateway.TrustedProxies {
	trusted, err := apigateway.ParseTrustedProxies(e.get(name))
	e.parsed(name, err)
	return trusted
}

func (e *environment) rules(name string) rules.Rules {
	parsed, err := rules.Parse(e.get(name))
	e.parsed(name, err)
	return parsed
}
