package demo

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/doctor"
)

// decode reads an answer of JSON.
func decode[T any](t *testing.T, response *http.Response) (answer T) {
	t.Helper()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// quote is text as a JSON string.
func quote(t *testing.T, text string) string {
	t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(quoted)
}

func diagnosed(t *testing.T, h http.Handler, origin, text string) diagnosis {
	t.Helper()
	response := post(h, "/demo/diagnose", origin, `{"text":`+quote(t, text)+`}`, nil)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d", text, response.StatusCode)
	}
	found := decode[diagnosis](t, response)
	if strings.Contains(found.Text, secret) || strings.Contains(found.Text, "k423") {
		t.Errorf("the secret comes out: %s", found.Text)
	}
	return found
}

func TestDiagnoseWhatIsRight(t *testing.T) {
	h := handler(t, here(t))
	got := decode[signed](t, ask(h, localOrigin, sessionOrder, nil))
	raw := "GET /oauth/session HTTP/1.1\nHost: 127.0.0.1:8080\nAuthorization: " + got.Authorization + "\n\n"
	for _, text := range []string{"curl -H 'Authorization: " + got.Authorization + "' " + got.URL, raw} {
		if found := diagnosed(t, h, localOrigin, text); !found.Right || found.Text != "The request is right.\n" {
			t.Errorf("%s: %+v", text, found)
		}
	}
}

// The page's own examples show the mistakes that their buttons name.
func TestMistakes(t *testing.T) {
	public := Site{Local: parse(t, localOrigin), Public: parse(t, "https://api.example.com/v1")}
	for origin, site := range map[string]Site{localOrigin: here(t), "http://localhost:8080": {Local: parse(t, localOrigin), Stage: "prod"},
		"https://api.example.com": public} {
		for mistake, want := range map[string]string{"scheme": "The URL was signed with http", "plus": "A plus sign was sent as +",
			"secrets": "The token secret was put before the client secret"} {
			for _, method := range []string{"HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"} {
				for _, token := range []string{"", `"token":"tok","secret":"sec",`} {
					h := handler(t, site)
					order := `{"mistake":"` + mistake + `",` + token + `"signature_method":"` + method + `"}`
					text := decode[map[string]string](t, post(h, "/demo/mistake", origin, order, nil))["text"]
					if found := diagnosed(t, h, origin, text); found.Right || !strings.HasPrefix(found.Text, want) {
						t.Errorf("%s at %s: %s: %s", order, origin, text, found.Text)
					}
				}
			}
		}
	}
}

func TestDiagnoseSaysWhatItPassedOver(t *testing.T) {
	found := diagnosed(t, handler(t, here(t)), localOrigin, "curl -u demo:x http://127.0.0.1:8080/notes")
	if found.Right || !strings.Contains(found.Text, "not signed") || !strings.Contains(found.Text, "\nNote: -u is passed over") {
		t.Errorf("%+v", found)
	}
}

func TestDiagnosesThatAreRefused(t *testing.T) {
	h := handler(t, here(t))
	for path, bodies := range map[string][]string{
		"/demo/diagnose": {"", "[]", "{}", `{"text":"hello"}`, `{"text":"curl"}`, `{"text":"curl ftp://a/"}`, `{"text":"curl http://a/?b=%zz"}`, `{"other":1}`,
			`{"text":"` + strings.Repeat("t", maxOrder) + `"}`},
		"/demo/mistake": {"", "{}", `{"mistake":"other","signature_method":"HMAC-SHA1"}`, `{"mistake":"plus"}`,
			`{"mistake":"plus","signature_method":"PLAINTEXT"}`},
	} {
		for _, body := range bodies {
			response := post(h, path, localOrigin, body, nil)
			if answer := decode[map[string]string](t, response); response.StatusCode != http.StatusBadRequest || answer["error_description"] == "" {
				t.Errorf("%s %.80s: status %d, %v", path, body, response.StatusCode, answer)
			}
		}
	}
}

// What broke stays inside.
func TestDiagnoseWithoutAStore(t *testing.T) {
	page := &Page{Site: here(t), Clock: func() time.Time { return time.Unix(137131201, 0) },
		Know: func(context.Context, *doctor.Case) error { return errors.New("table T of account 1") }}
	h, err := page.Handler(http.NotFoundHandler())
	if err != nil {
		t.Fatal(err)
	}
	response := post(h, "/demo/diagnose", localOrigin, `{"text":"curl http://127.0.0.1:8080/"}`, nil)
	if body := text(t, response); response.StatusCode != http.StatusInternalServerError || strings.Contains(body, "table") {
		t.Errorf("status %d, %s", response.StatusCode, body)
	}
}
