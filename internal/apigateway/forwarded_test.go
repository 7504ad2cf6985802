package apigateway_test

import (
	"net/netip"
	"strings"
	"testing"

	"gatehouse/internal/apigateway"
)

const (
	proxyInFront = "130.176.1.2"
	phone        = "203.0.113.5"
	spoofed      = "198.51.100.66"
)

// kinds are an event of each shape that there is.
var kinds = []string{"rest-authorizer", "http-authorizer", "rest-proxy-form", "rest-proxy-single-values", "http-proxy", "function-url"}

// through makes the event called name one of a request that the proxy in front
// forwarded, with headers of these names and values by turns.
func through(t *testing.T, name string, header ...string) []byte {
	t.Helper()
	return editEvent(t, name, func(event map[string]any) {
		context := event["requestContext"].(map[string]any)
		for _, part := range []string{"identity", "http"} {
			if caller, ok := context[part].(map[string]any); ok {
				caller["sourceIp"] = proxyInFront
			}
		}
		single, _ := event["headers"].(map[string]any)
		multiple, _ := event["multiValueHeaders"].(map[string]any)
		for _, all := range []map[string]any{single, multiple} {
			for name := range all {
				if strings.EqualFold(name, "X-Forwarded-For") || strings.EqualFold(name, "User-Agent") {
					delete(all, name)
				}
			}
		}
		for i := 0; i < len(header); i += 2 {
			single[header[i]] = header[i+1]
			if multiple != nil {
				multiple[header[i]] = []any{header[i+1]}
			}
		}
	})
}

func behindProxy(t *testing.T, trusted string) *apigateway.Gateway {
	t.Helper()
	g, _ := newGateway(t, "")
	var err error
	if g.Trusted, err = apigateway.ParseTrustedProxies(trusted); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestSourceBehindTrustedProxies(t *testing.T) {
	for _, kind := range kinds {
		for name, test := range map[string]struct {
			trusted, want string
			header        []string
		}{
			"nobody is trusted": {"", proxyInFront, []string{"X-Forwarded-For", phone + ", " + proxyInFront}},
			"another is":        {"192.0.2.0/24", proxyInFront, []string{"X-Forwarded-For", phone + ", " + proxyInFront}},
			"the proxy is":      {"130.176.0.0/16", phone, []string{"X-Forwarded-For", spoofed + ", " + phone + ", " + proxyInFront}},
			"one hop":           {"1", phone, []string{"x-forwarded-for", spoofed + ", " + phone + ", " + proxyInFront}},
			"no header":         {"1", proxyInFront, nil},
			"other headers": {"1", proxyInFront, []string{"Forwarded", "for=" + spoofed, "X-Real-Ip", spoofed, "True-Client-Ip", spoofed,
				"CloudFront-Viewer-Address", spoofed + ":1", "X_Forwarded_For", spoofed}},
			// Which came last nobody can tell.
			"two spellings": {"1", proxyInFront, []string{"X-Forwarded-For", phone, "x-forwarded-for", spoofed}},
		} {
			for range 10 { // maps have no order
				got := requestOf(t, behindProxy(t, test.trusted), through(t, kind, test.header...))
				if got.Source != netip.MustParseAddr(test.want) {
					t.Errorf("%s of %s: %v, want %s", name, kind, got.Source, test.want)
				}
			}
		}
	}
}

// An API that has its address by a stage variable has the same proxies.
func TestTrustedProxiesOfAStage(t *testing.T) {
	event := editEvent(t, "rest-authorizer", func(event map[string]any) {
		event["stageVariables"] = map[string]any{"PUBLIC_BASE_URL": "https://api.example.com"}
		event["requestContext"].(map[string]any)["identity"] = map[string]any{"sourceIp": proxyInFront}
		event["multiValueHeaders"].(map[string]any)["X-Forwarded-For"] = []any{spoofed, phone, proxyInFront}
	})
	if got := requestOf(t, behindProxy(t, "130.176.0.0/16"), event); got.Source != netip.MustParseAddr(phone) || got.Host != "api.example.com" {
		t.Errorf("%v at %s", got.Source, got.Host)
	}
}
