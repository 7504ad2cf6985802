package deployment_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
)

// posted sends body as a form, and returns status and text of the answer.
func posted(t *testing.T, url, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// A form may be of MaxBody bytes and MaxParams parameters wherever it is read,
// and one more is refused for that, before anything of it is looked at.
func TestSizesAtTheEdges(t *testing.T) {
	target := serve(t, memory.New(), "")
	body := func(size int) string {
		return "client_id=nobody&a=" + strings.Repeat("x", size-len("client_id=nobody&a="))
	}
	params := func(count int) string { return "client_id=nobody" + strings.Repeat("&", count-1) }
	unique := func(count int) string {
		var text strings.Builder
		for i := range count {
			text.WriteString("&p" + strconv.Itoa(i) + "=")
		}
		return text.String()[1:]
	}
	for _, path := range []string{"/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/access_token", "/oauth/request_token"} {
		for _, test := range []struct {
			name, body, says string
		}{
			{"longest", body(oauth.MaxBody), ""},
			{"a byte more", body(oauth.MaxBody + 1), strconv.Itoa(oauth.MaxBody)},
			{"megabytes", body(3 << 20), strconv.Itoa(oauth.MaxBody)},
			{"most parameters", unique(oauth.MaxParams), ""},
			{"one parameter more", unique(oauth.MaxParams + 1), strconv.Itoa(oauth.MaxParams)},
			{"empty parameters", params(oauth.MaxParams + 1), strconv.Itoa(oauth.MaxParams)},
		} {
			status, text := posted(t, target.URL+path, test.body)
			about := strings.Contains(text, strconv.Itoa(oauth.MaxBody)) || strings.Contains(text, strconv.Itoa(oauth.MaxParams))
			if status/100 != 4 || about != (test.says != "") || !strings.Contains(text, test.says) {
				t.Errorf("%s, %s: %d %s, want an answer about %q", path, test.name, status, text, test.says)
			}
		}
	}
}
