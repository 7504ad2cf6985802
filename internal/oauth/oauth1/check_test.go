package oauth1

import (
	"crypto/sha1"
	"crypto/sha512"
	"encoding/base64"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

func anyMethod() *oauth.Client {
	return &oauth.Client{ID: "mobile", SignatureMethods: oauth.SignatureMethods()}
}

func TestCheckAccepts(t *testing.T) {
	for _, method := range []oauth.SignatureMethod{oauth.HMACSHA1, oauth.HMACSHA256, oauth.HMACSHA512, oauth.Plaintext} {
		s := mustParse(t, signedOrder(t, signer(method)))
		if refusal := s.Check(anyMethod(), secretKey(), now(), window); refusal != nil {
			t.Errorf("%s: %s", method, refusal.Description)
		}
	}
}

// timestamped holds that a request signed with timestamp is refused with
// problem, or taken when that is "".
func timestamped(t *testing.T, timestamp, problem string) {
	t.Helper()
	r := request(t, "GET", "https://api.example.com/")
	sign(t, r, signer(oauth.HMACSHA1), with(protocol(oauth.HMACSHA1), "oauth_timestamp", timestamp))
	refusal := mustParse(t, r).Check(anyMethod(), secretKey(), now(), window)
	if code(refusal) != problem {
		t.Errorf("%s: got %+v, want %q", timestamp, refusal, problem)
	}
	if refusal != nil && !strings.Contains(refusal.Description, "oauth_timestamp") {
		t.Errorf("%s: described as %q", timestamp, refusal.Description)
	}
}

func TestCheckTimestampWindow(t *testing.T) {
	for timestamp, problem := range map[string]string{
		"1699999699":          oauth.TimestampRefused,
		"1699999700":          "", // the early edge
		"1700000000":          "",
		"001700000000":        "",
		"1700000300":          "", // the late edge
		"1700000301":          oauth.TimestampRefused,
		"1":                   oauth.TimestampRefused,
		"1700000000000":       oauth.TimestampRefused, // milliseconds
		"9223372036854775807": oauth.TimestampRefused, // the largest that fits
	} {
		timestamped(t, timestamp, problem)
	}
}

func TestCheckTimestampIsAPositiveNumber(t *testing.T) {
	for _, timestamp := range []string{
		"0", "-0", "-1700000000", "+1700000000", "9223372036854775808", strings.Repeat("9", 400),
		"now", "1700000000.0", "17e8", "0x6553f100", "1_700_000_000", " 1700000000", "1700000000 ", "१७००००००००",
	} {
		timestamped(t, timestamp, oauth.ParameterRejected)
	}
}

func TestCheckTimestampSaysWhatIsAcceptable(t *testing.T) {
	s := mustParse(t, signedOrder(t, signer(oauth.HMACSHA1)))
	refusal := s.Check(anyMethod(), secretKey(), now().Add(time.Hour), window)
	if refusal.Status != http.StatusUnauthorized || refusal.Details.Get("oauth_acceptable_timestamps") != "1700003300-1700003900" {
		t.Errorf("got %+v", refusal)
	}
}

func TestCheckMethod(t *testing.T) {
	tests := []struct {
		name    string
		method  oauth.SignatureMethod
		allowed []oauth.SignatureMethod
		problem string
	}{
		{"default", oauth.HMACSHA1, nil, ""},
		{"default, PLAINTEXT", oauth.Plaintext, nil, oauth.SignatureMethodRejected},
		{"PLAINTEXT named", oauth.Plaintext, []oauth.SignatureMethod{oauth.Plaintext}, ""},
		{"one named, that one", oauth.HMACSHA256, []oauth.SignatureMethod{oauth.HMACSHA256}, ""},
		{"one named, another", oauth.HMACSHA1, []oauth.SignatureMethod{oauth.HMACSHA256}, oauth.SignatureMethodRejected},
		{"unknown", "HMAC-MD5", nil, oauth.SignatureMethodRejected},
		{"unknown, named all the same", "HMAC-MD5", []oauth.SignatureMethod{"HMAC-MD5"}, oauth.SignatureMethodRejected},
		{"lower case", "hmac-sha1", nil, oauth.SignatureMethodRejected},
		{"lower case PLAINTEXT", "plaintext", []oauth.SignatureMethod{oauth.Plaintext}, oauth.SignatureMethodRejected},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request(t, "GET", "https://api.example.com/")
			maker := signer(test.method)
			if _, _, err := hashOf(test.method); err != nil {
				maker = signer(oauth.Plaintext)
			}
			sign(t, r, maker, protocol(test.method))
			client := &oauth.Client{ID: "mobile", SignatureMethods: test.allowed}
			refusal := mustParse(t, r).Check(client, secretKey(), now(), window)
			if code(refusal) != test.problem || refusal != nil && refusal.Status != http.StatusBadRequest {
				t.Errorf("got %+v, want %q", refusal, test.problem)
			}
		})
	}
}

func TestCheckPlaintextTransport(t *testing.T) {
	const secure, refused = "", oauth.SignatureMethodRejected
	tests := []struct{ url, source, problem string }{
		{"https://api.example.com/", "192.0.2.7", secure},
		{"http://api.example.com/", "192.0.2.7", refused},
		{"http://api.example.com/", "127.0.0.1", refused},
		{"http://localhost/", "192.0.2.7", refused},
		{"http://localhost:8080/", "127.0.0.1", secure},
		{"http://127.0.0.1:8080/", "127.0.0.1", secure},
		{"http://127.0.0.1:8080/", "127.9.9.9", secure},
		{"http://127.0.0.1:8080/", "::ffff:127.0.0.1", secure},
		{"http://127.0.0.1:8080/", "::ffff:192.0.2.7", refused},
		{"http://[::1]:8080/", "::1", secure},
		{"http://[::1]/", "2001:db8::1", refused},
		{"http://localhost.example.com/", "127.0.0.1", refused},
		{"http://127.0.0.10/", "127.0.0.1", refused},
		{"http://localhost:8080/", "", refused},
	}
	for _, test := range tests {
		r := request(t, "GET", test.url)
		r.Source, _ = netip.ParseAddr(test.source) // "" is no address
		sign(t, r, signer(oauth.Plaintext), protocol(oauth.Plaintext))
		refusal := mustParse(t, r).Check(anyMethod(), secretKey(), now(), window)
		if code(refusal) != test.problem {
			t.Errorf("%s from %q: %+v", test.url, test.source, refusal)
		}
	}
}

func TestCheckPlaintextTimestampAndNonce(t *testing.T) {
	both := protocol(oauth.Plaintext)
	tests := []struct {
		name    string
		params  oauth.Params
		problem string
		spends  bool
	}{
		{"both", both, "", true},
		{"neither", without(both, "oauth_timestamp", "oauth_nonce"), "", false},
		{"timestamp only", without(both, "oauth_nonce"), "", false},
		{"nonce only", without(both, "oauth_timestamp"), "", false},
		{"both empty", with(with(both, "oauth_timestamp", ""), "oauth_nonce", ""), "", false},
		{"old timestamp without a nonce", with(without(both, "oauth_nonce"), "oauth_timestamp", "1"), oauth.TimestampRefused, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request(t, "GET", "https://api.example.com/")
			sign(t, r, signer(oauth.Plaintext), test.params)
			s := mustParse(t, r)
			if refusal := s.Check(anyMethod(), secretKey(), now(), window); code(refusal) != test.problem {
				t.Errorf("got %+v, want %q", refusal, test.problem)
			}
			if _, spends := s.Spending(now(), window, attempt); spends != test.spends {
				t.Errorf("spends: %v, want %v", spends, test.spends)
			}
		})
	}
}

func TestCheckBodyHash(t *testing.T) {
	of1, of512 := sha1.Sum([]byte("{}")), sha512.Sum512([]byte("{}"))
	right, right512 := base64.StdEncoding.EncodeToString(of1[:]), base64.StdEncoding.EncodeToString(of512[:])
	tests := []struct {
		name, contentType, body, hash string
		method                        oauth.SignatureMethod
		hidden                        bool
		problem                       string
	}{
		{"right", "application/json", "{}", right, oauth.HMACSHA1, false, ""},
		{"right, by the method's hash", "application/json", "{}", right512, oauth.HMACSHA512, false, ""},
		{"right, PLAINTEXT", "application/json", "{}", right, oauth.Plaintext, false, ""},
		{"of another method", "application/json", "{}", right, oauth.HMACSHA512, false, oauth.SignatureInvalid},
		{"of another body", "application/json", "{ }", right, oauth.HMACSHA1, false, oauth.SignatureInvalid},
		{"of a body that is not there", "application/json", "", right, oauth.HMACSHA1, false, oauth.SignatureInvalid},
		{"no body", "", "", "2jmj7l5rSw0yVb/vlWAYkK/YBwk=", oauth.HMACSHA1, false, ""},
		{"empty hash", "application/json", "{}", "", oauth.HMACSHA1, false, oauth.SignatureInvalid},
		{"without padding", "application/json", "{}", strings.TrimRight(right, "="), oauth.HMACSHA1, false, oauth.SignatureInvalid},
		{"body not seen", "application/json", "", right, oauth.HMACSHA1, true, ""},
		{"with a form", formType, "a=1", right, oauth.HMACSHA1, false, oauth.ParameterRejected},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request(t, "PUT", "https://api.example.com/")
			setBody(r, test.contentType, test.body)
			r.BodySeen = !test.hidden
			sign(t, r, signer(test.method), with(protocol(test.method), "oauth_body_hash", test.hash))
			refusal := mustParse(t, r).Check(anyMethod(), secretKey(), now(), window)
			if code(refusal) != test.problem {
				t.Errorf("got %+v, want %q", refusal, test.problem)
			}
		})
	}
}

// Anyone can sign with secrets that are empty.
func TestCheckRefusesEmptyKey(t *testing.T) {
	for _, method := range oauth.SignatureMethods() {
		r := request(t, "GET", "https://api.example.com/")
		signWith := method
		if _, isRSA, _ := hashOf(method); isRSA {
			signWith = oauth.Plaintext
		}
		sign(t, r, Signer{Method: signWith}, protocol(method))
		refusal := mustParse(t, r).Check(anyMethod(), Key{}, now(), window)
		if code(refusal) != oauth.SignatureInvalid || refusal.Status != http.StatusUnauthorized {
			t.Errorf("%s: %+v", method, refusal)
		}
	}
}

var attempt = oauth.Attempt{1, 2, 3}

func TestSpendingKey(t *testing.T) {
	key := func(client, token, timestamp, nonce string) oauth.SpendKey {
		s := Protocol{ConsumerKey: client, Token: token, Timestamp: timestamp, Nonce: nonce}
		spending, ok := s.Spending(now(), window, attempt)
		if !ok {
			t.Fatalf("nothing to spend of %+v", s)
		}
		return spending.Key
	}
	requests := [][4]string{
		{"client", "token", "12", "nonce"},
		{"client2", "token", "12", "nonce"},
		{"client", "token2", "12", "nonce"},
		{"client", "token", "13", "nonce"},
		{"client", "token", "12", "nonce2"},
		{"client", "", "12", "nonce"},
		{"clienttoken", "", "12", "nonce"},
		{"clien", "ttoken", "12", "nonce"},
		{"client", "token1", "2", "nonce"},
		{"client", "token", "1", "2nonce"},
		{"client5:token", "", "12", "nonce"},
		{"client", "token2:12", "12", "nonce"},
		{"client", "token", "012", "nonce"},
		{"client:token", "", "12", "nonce"},
		{"client", "token:", "12", "nonce"},
		{"client", "token", "12", strings.Repeat("n", 8192)},
	}
	seen := map[oauth.SpendKey][4]string{}
	for _, r := range requests {
		got := key(r[0], r[1], r[2], r[3])
		if other, twice := seen[got]; twice {
			t.Errorf("%q and %q have one key", other, r)
		}
		if seen[got] = r; got != key(r[0], r[1], r[2], r[3]) {
			t.Errorf("%q: key %v", r, got)
		}
	}
}

func TestSpending(t *testing.T) {
	s := Protocol{ConsumerKey: "mobile", Timestamp: "1700000100", Nonce: "n"}
	got, ok := s.Spending(now(), window, attempt)
	if !ok || got.Attempt != attempt || got.Key.Kind != oauth.SpentNonce || !got.Now.Equal(now()) {
		t.Errorf("got %+v, %v", got, ok)
	}
	if refused := time.Unix(1700000100, 0).Add(window); !got.Expires.After(refused) {
		t.Errorf("forgotten at %v, while the timestamp is good until %v", got.Expires, refused)
	}
	for _, s := range []Protocol{{Nonce: "n"}, {Timestamp: "1"}, {Timestamp: "x", Nonce: "n"}} {
		if got, ok := s.Spending(now(), window, attempt); ok {
			t.Errorf("%+v spends %+v", s, got)
		}
	}
}
