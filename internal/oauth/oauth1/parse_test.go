package oauth1

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// The same protocol parameters as sent in a header and in a form or query.
const (
	inHeader = `oauth_consumer_key="mobile", oauth_token="t", oauth_signature_method="HMAC-SHA1", ` +
		`oauth_signature="c2ln", oauth_timestamp="1700000000", oauth_nonce="n"`
	inForm = "oauth_consumer_key=mobile&oauth_token=t&oauth_signature_method=HMAC-SHA1" +
		"&oauth_signature=c2ln&oauth_timestamp=1700000000&oauth_nonce=n"
)

// parts are what a test puts into a request.
type parts struct {
	header      []string // values of Authorization
	query       string
	contentType string
	body        string
	hidden      bool // the body is not seen
	method      string
}

func (p parts) request(t *testing.T) *oauth.Request {
	t.Helper()
	r := request(t, "POST", "https://api.example.com/orders?"+p.query)
	if p.method != "" {
		r.Method = p.method
	}
	if p.contentType != "" {
		setBody(r, p.contentType, p.body)
	}
	for _, value := range p.header {
		r.Header.Add("Authorization", value)
	}
	if r.BodySeen = !p.hidden; p.hidden {
		r.Body = nil
	}
	return r
}

// found is a request with the parameters of inForm and more.
type found struct {
	name  string
	sent  parts
	extra string // names signed beside the protocol parameters
}

func finds(t *testing.T, tests []found) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := test.sent.request(t)
			if !IsSigned(r) {
				t.Error("IsSigned: false")
			}
			s := mustParse(t, r)
			if s.ConsumerKey != "mobile" || s.Token != "t" || s.Method != oauth.HMACSHA1 || s.Signature != "c2ln" ||
				s.Timestamp != "1700000000" || s.Nonce != "n" || s.BodyHash != "" {
				t.Errorf("got %+v", s)
			}
			if got := otherNames(s.Params()); got != test.extra {
				t.Errorf("signed besides: %q, want %q", got, test.extra)
			}
		})
	}
}

func TestParseFindsParameters(t *testing.T) {
	finds(t, []found{
		{"header", parts{header: []string{"OAuth " + inHeader}}, ""},
		{"header, scheme in other case", parts{header: []string{"oAUTH " + inHeader}}, ""},
		{"header, query and form", parts{header: []string{"OAuth " + inHeader}, query: "b=1", contentType: formType, body: "c=2"}, "c b"},
		{"form", parts{contentType: formType, body: inForm + "&c=2", query: "b=1"}, "c b"},
		{"query", parts{query: inForm + "&b=1", contentType: formType, body: "c=2"}, "c b"},
		{"query, no body", parts{query: inForm, method: "GET"}, ""},
		{"query, empty Authorization", parts{header: []string{""}, query: inForm}, ""},
		{"repeated parameters", parts{header: []string{"OAuth " + inHeader}, query: "a=1&a=1", contentType: formType, body: "a=1"}, "a a a"},
		{"verifier in the form", parts{header: []string{"OAuth " + inHeader}, contentType: formType, body: "oauth_verifier=v"}, "oauth_verifier"},
		{"version 1.0", parts{header: []string{"OAuth " + inHeader + `, oauth_version="1.0"`}}, "oauth_version"},
		{"realm is not signed", parts{header: []string{`OAuth realm="x", ` + inHeader}}, ""},
		{"realm in the query is signed", parts{header: []string{"OAuth " + inHeader}, query: "realm=x"}, "realm"},
	})
}

func TestParseReadsOnlyForms(t *testing.T) {
	finds(t, []found{
		{"form with a charset", parts{contentType: "application/x-www-form-urlencoded; charset=UTF-8", body: inForm + "&c=2"}, "c"},
		{"form in capitals", parts{contentType: " Application/X-WWW-Form-URLEncoded ;charset=x", body: inForm}, ""},
		{"JSON is not signed", parts{header: []string{"OAuth " + inHeader}, contentType: "application/json", body: `{"a=1&b":"%zz"}`}, ""},
		{"multipart is not signed", parts{header: []string{"OAuth " + inHeader}, contentType: "multipart/form-data; boundary=x", body: "--x\r\n\r\na=1&%zz"}, ""},
		{"text is not signed", parts{header: []string{"OAuth " + inHeader}, contentType: "text/plain", body: "oauth_token=x"}, ""},
		{"form in a GET", parts{header: []string{"OAuth " + inHeader}, contentType: formType, body: "c=2", method: "GET"}, "c"},
		{"JSON not seen", parts{header: []string{"OAuth " + inHeader}, contentType: "application/json", hidden: true}, ""},
		{"GET without a body, form type", parts{header: []string{"OAuth " + inHeader}, contentType: formType, hidden: true, method: "GET"}, ""},
	})
}

// otherNames lists the names of params that inForm does not hold.
func otherNames(params oauth.Params) string {
	var names []string
	for _, param := range params {
		if !strings.Contains(inForm, param.Name+"=") {
			names = append(names, param.Name)
		}
	}
	return strings.Join(names, " ")
}

func TestParseLeavesOutOnlyTheSignature(t *testing.T) {
	s := mustParse(t, parts{query: inForm}.request(t))
	if got, want := s.Params(), without(form(t, inForm), "oauth_signature"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// refusal is a request that Parse must refuse.
type refusal struct {
	name    string
	sent    parts
	problem string
	names   string // in the description
}

func refuses(t *testing.T, tests []refusal) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, refusal := Parse(test.sent.request(t))
			if s.Protocol != nil || code(refusal) != test.problem {
				t.Fatalf("got %v, %+v, want %s", s, refusal, test.problem)
			}
			if refusal.Status != http.StatusBadRequest || !strings.Contains(refusal.Description, test.names) {
				t.Errorf("got %d %q, want 400 and %q", refusal.Status, refusal.Description, test.names)
			}
		})
	}
}

// inAuthorization is a request with these values of Authorization.
func inAuthorization(values ...string) parts { return parts{header: values} }

// What a caller calls a parameter is repeated in the answer and in the log.
func TestParseShortensNames(t *testing.T) {
	long := "oauth_" + strings.Repeat("n", 7000)
	for name, sent := range map[string]parts{
		"twice":                   {header: []string{"OAuth " + inHeader}, query: long + "=1&" + long + "=2"},
		"name broken in header":   inAuthorization("OAuth " + long + `%="v"`),
		"value broken in header":  inAuthorization("OAuth " + long + `="%"`),
		"backslash in the header": inAuthorization("OAuth " + long + `="\\x"`),
		"broken in form":          {header: []string{"OAuth " + inHeader}, contentType: formType, body: long + "=%"},
	} {
		_, refusal := Parse(sent.request(t))
		if refusal == nil {
			t.Errorf("%s: not refused", name)
			continue
		}
		if told := refusal.Description + refusal.Details.Get("oauth_parameters_rejected"); len(told) > 200 || !strings.Contains(told, "oauth_nnn") {
			t.Errorf("%s: %d bytes that begin with %.60q", name, len(told), told)
		}
	}
}

func TestParseRefusesSecondPlaces(t *testing.T) {
	refuses(t, []refusal{
		{"header and query", parts{header: []string{"OAuth " + inHeader}, query: "oauth_nonce=n"}, oauth.ParameterRejected, "oauth_nonce is in a second place"},
		{"header and form", parts{header: []string{"OAuth " + inHeader}, contentType: formType, body: "oauth_token=t"}, oauth.ParameterRejected, "oauth_token"},
		{"form and query", parts{contentType: formType, body: inForm, query: "oauth_version=1.0"}, oauth.ParameterRejected, "oauth_version"},
		{"signature apart", parts{query: "oauth_signature=c2ln", contentType: formType, body: strings.ReplaceAll(inForm, "oauth_signature=c2ln&", "")}, oauth.ParameterRejected, "oauth_signature"},
		{"twice in the header", inAuthorization("OAuth " + inHeader + `, oauth_nonce="n"`), oauth.ParameterRejected, "oauth_nonce is there more than once"},
		{"twice in the query", parts{query: inForm + "&oauth_token=t"}, oauth.ParameterRejected, "oauth_token"},
		{"signature twice", inAuthorization("OAuth " + inHeader + `, oauth_signature="c2ln"`), oauth.ParameterRejected, "oauth_signature"},
		{"an unknown oauth_ parameter twice", parts{header: []string{"OAuth " + inHeader}, query: "oauth_x=1&oauth_x=1"}, oauth.ParameterRejected, "oauth_x"},
		{"verifier in two places", parts{header: []string{"OAuth " + inHeader + `, oauth_verifier="v"`}, query: "oauth_verifier=v"}, oauth.ParameterRejected, "oauth_verifier"},
		{"999 times", parts{header: []string{"OAuth " + inHeader}, query: strings.Repeat("oauth_x&", 999)}, oauth.ParameterRejected, "oauth_x"},
	})
}

func TestParseRefusesHeaders(t *testing.T) {
	refuses(t, []refusal{
		{"nothing after the scheme", inAuthorization("OAuth"), oauth.ParameterAbsent, "oauth_consumer_key"},
		{"no header, no parameters", parts{}, oauth.ParameterAbsent, "oauth_consumer_key"},
		{"another scheme beside the query", parts{header: []string{"Bearer x"}, query: inForm}, oauth.ParameterRejected, "another scheme"},
		{"another scheme beside the form", parts{header: []string{"Basic eDp5"}, contentType: formType, body: inForm}, oauth.ParameterRejected, "another scheme"},
		{"two Authorization headers", inAuthorization("OAuth "+inHeader, "OAuth "+inHeader), oauth.ParameterRejected, "more than one Authorization"},
		{"OAuth before Bearer", inAuthorization("OAuth "+inHeader, "Bearer x"), oauth.ParameterRejected, "more than one Authorization"},
		{"Bearer before OAuth", inAuthorization("Bearer x", "OAuth "+inHeader), oauth.ParameterRejected, "more than one Authorization"},
		{"oversize header", inAuthorization("OAuth " + inHeader + `, x="` + strings.Repeat("a", oauth.MaxHeader) + `"`), oauth.ParameterRejected, "8192"},
	})
}

func TestParseHeaderSize(t *testing.T) {
	for size, want := range map[int]string{oauth.MaxHeader: "", oauth.MaxHeader + 1: oauth.ParameterRejected} {
		value := "OAuth " + inHeader + `, x="`
		value += strings.Repeat("a", size-len(value)-1) + `"`
		if _, refusal := Parse(inAuthorization(value).request(t)); len(value) != size || code(refusal) != want {
			t.Errorf("%d bytes: %+v, want %q", len(value), refusal, want)
		}
	}
}

func TestParseRefusesOtherVersions(t *testing.T) {
	refuses(t, []refusal{
		{"version 2.0", parts{query: inForm + "&oauth_version=2.0"}, oauth.VersionRejected, "oauth_version"},
		{"version 1.0a", parts{query: inForm + "&oauth_version=1.0a"}, oauth.VersionRejected, "oauth_version"},
		{"version empty", parts{query: inForm + "&oauth_version="}, oauth.VersionRejected, "oauth_version"},
		{"version with a space", parts{query: inForm + "&oauth_version=1.0+"}, oauth.VersionRejected, "oauth_version"},
	})
}

func TestParseRefusesBrokenEncoding(t *testing.T) {
	refuses(t, []refusal{
		{"unquoted value", inAuthorization("OAuth oauth_consumer_key=mobile"), oauth.ParameterRejected, `name="value"`},
		{"broken escape in the header", inAuthorization(`OAuth oauth_token="%4"`), oauth.ParameterRejected, "oauth_token"},
		{"broken escape in the form", parts{contentType: formType, body: inForm + "&c=%zz"}, oauth.ParameterRejected, `"c"`},
		{"not UTF-8 in the header", inAuthorization(`OAuth oauth_nonce="%FF"`), oauth.ParameterRejected, "oauth_nonce"},
		{"not UTF-8 in the form", parts{contentType: formType, body: inForm + "&c=\xff"}, oauth.ParameterRejected, `"c"`},
		{"name not UTF-8 in the form", parts{contentType: formType, body: inForm + "&\xff=c"}, oauth.ParameterRejected, "form body"},
		{"too many parameters", parts{contentType: formType, body: inForm + strings.Repeat("&c=1", oauth.MaxParams)}, oauth.ParameterRejected, "1000"},
		{"form declared, JSON sent", parts{header: []string{"OAuth " + inHeader}, contentType: formType, body: `{"a":"50%"}`}, oauth.ParameterRejected, "form body"},
	})
}

func TestParseRefusesMissingAndEmpty(t *testing.T) {
	tests := map[oauth.SignatureMethod][]string{
		oauth.HMACSHA1:  {"oauth_consumer_key", "oauth_signature_method", "oauth_signature", "oauth_timestamp", "oauth_nonce"},
		oauth.Plaintext: {"oauth_consumer_key", "oauth_signature_method", "oauth_signature"},
	}
	for method, required := range tests {
		all := with(form(t, inForm), "oauth_signature_method", string(method))
		for _, name := range required {
			for what, params := range map[string]oauth.Params{"missing": without(all, name), "empty": with(all, name, "")} {
				t.Run(string(method)+" "+name+" "+what, func(t *testing.T) {
					r := request(t, "GET", "https://api.example.com/")
					r.Query = params
					_, refusal := Parse(r)
					if code(refusal) != oauth.ParameterAbsent || refusal.Status != http.StatusBadRequest {
						t.Fatalf("got %+v", refusal)
					}
					if got := refusal.Details.Get("oauth_parameters_absent"); got != name || !strings.Contains(refusal.Description, name) {
						t.Errorf("named %q and %q, want %s", got, refusal.Description, name)
					}
				})
			}
		}
	}
}

func TestParsePlaintextNeedsNoTimestamp(t *testing.T) {
	all := with(form(t, inForm), "oauth_signature_method", "PLAINTEXT")
	for _, absent := range [][]string{{"oauth_timestamp"}, {"oauth_nonce"}, {"oauth_timestamp", "oauth_nonce"}, {"oauth_token"}} {
		r := request(t, "GET", "https://api.example.com/")
		r.Query = without(all, absent...)
		mustParse(t, r)
	}
}

func TestParseRefusesAFormThatIsNotSeen(t *testing.T) {
	sent := parts{header: []string{"OAuth " + inHeader}, contentType: formType, hidden: true}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		sent.method = method
		_, refusal := Parse(sent.request(t))
		if code(refusal) != oauth.ParameterRejected || refusal.Status != http.StatusForbidden {
			t.Errorf("%s: %+v", method, refusal)
		}
	}
	r := sent.request(t)
	r.Header.Set("Content-Length", "0")
	mustParse(t, r)
}

func TestIsSigned(t *testing.T) {
	tests := []struct {
		name string
		sent parts
		want bool
	}{
		{"nothing", parts{}, false},
		{"bearer", parts{header: []string{"Bearer oauth_signature"}}, false},
		{"bearer and a signature in the query", parts{header: []string{"Bearer x"}, query: inForm}, true},
		{"scheme that begins with OAuth", parts{header: []string{"OAuth2 x"}}, false},
		{"scheme alone", parts{header: []string{"oauth"}}, true},
		{"token alone in the query", parts{query: "oauth_token=t"}, false},
		{"key in the query", parts{query: "oauth_consumer_key=k"}, true},
		{"signature in the form", parts{contentType: formType, body: "oauth_signature=s"}, true},
		{"signature in JSON", parts{contentType: "application/json", body: "oauth_signature=s"}, false},
		{"broken form", parts{contentType: formType, body: "oauth_signature=s&%"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := IsSigned(test.sent.request(t)); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
