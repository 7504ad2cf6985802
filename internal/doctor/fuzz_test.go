package doctor_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"gatehouse/internal/doctor"
)

var (
	upperWord  = regexp.MustCompile(`^[A-Z]{1,12}$`)
	headerName = regexp.MustCompile(`^[A-Za-z0-9-]{1,40}$`)
	oneLine    = regexp.MustCompile(`^[!-~]([ -~]*[!-~])?$`)
)

// FuzzSpellings holds that a request is read the same from a curl command, in
// either way to quote, and from its bytes on the wire.
func FuzzSpellings(f *testing.F) {
	f.Add("POST", "/a?b=c%20d", "X-A", "it's", "x='y'&\"z\"\\n")
	f.Add("GET", "/", "Authorization", `OAuth realm="\"", oauth_token="a%2Fb"`, "")
	f.Add("DELETE", "/~!*()'$&;", "Content-Type", "text/plain", "$(a) `b` ${c} !d\r\n\x00\xff\u00fc")
	f.Add("PUT", "/é", "X-Http", "curl -H", "\n\n")
	f.Fuzz(func(t *testing.T, method, target, name, value, body string) {
		switch {
		case !upperWord.MatchString(method), !headerName.MatchString(name), !oneLine.MatchString(value), !oneLine.MatchString("/" + target), strings.Contains(target, " "),
			!strings.HasPrefix(target, "/"), strings.EqualFold(name, "Host"), strings.EqualFold(name, "Content-Length"), strings.EqualFold(name, "Content-Type"):
			return
		}
		const host = "https://api.example.com"
		want := fmt.Sprintf("%s %s %q %q", method, target, value, body)
		curl := "curl -X %s %s -H %s -H 'Content-Type: text/plain' --data-raw %s"
		texts := map[string]string{"HTTP": fmt.Sprintf("%s %s HTTP/1.1\r\nHost: api.example.com\r\nContent-Type: text/plain\r\n%s: %s\r\nContent-Length: %d\r\n\r\n%s",
			method, target, name, value, len(body), body)}
		for how, quote := range map[string]func(string) string{"single": inSingleQuotes, "double": inDoubleQuotes, "dollar": inDollarQuotes} {
			texts[how] = fmt.Sprintf(curl, method, quote(host+target), quote(name+": "+value), quote(body))
		}
		for how, text := range texts {
			m, err := doctor.Read(text)
			if err != nil {
				t.Fatalf("%s: %q: %v", how, text, err)
			}
			at := strings.TrimPrefix(strings.TrimPrefix(m.URL, "https:"), "//api.example.com")
			if got := fmt.Sprintf("%s %s %q %q", m.Method, at, m.Header.Get(name), m.Body); got != want || m.BodyUnknown {
				t.Fatalf("%s: %q\n got %s\nwant %s", how, text, got, want)
			}
			if types := m.Header[http.CanonicalHeaderKey("Content-Type")]; len(types) != 1 || types[0] != "text/plain" {
				t.Fatalf("%s: the type is %q", how, types)
			}
		}
	})
}

func inSingleQuotes(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// inDoubleQuotes escapes what POSIX says keeps its meaning there.
func inDoubleQuotes(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(text) + `"`
}

// inDollarQuotes is as browsers copy a request.
func inDollarQuotes(text string) string {
	return "$'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`, "\r", `\r`, "!", `\u0021`).Replace(text) + "'"
}
