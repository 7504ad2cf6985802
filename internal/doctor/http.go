package doctor

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"gatehouse/internal/oauth"
)

// readHTTP reads a request as it is on the wire (RFC 9112 §2.1), its lines
// ended in whichever way, or as curl -v shows it.
func readHTTP(text string) (*Message, error) {
	verbose := strings.HasPrefix(text, "> ") || strings.HasPrefix(text, "* ")
	if verbose {
		text = shownByCurl(text)
	}
	head, body := cutHead(text)
	lines := strings.Split(strings.ReplaceAll(head, "\r\n", "\n"), "\n")
	words := strings.Fields(lines[0])
	if !requestLine(words) {
		return nil, errors.New("the text is neither a curl command nor an HTTP request, which begins like GET /path HTTP/1.1")
	}
	m := &Message{Method: words[0], URL: words[1], Header: http.Header{}}
	if err := m.addHeader(lines[1:]); err != nil {
		return nil, err
	}
	if strings.HasPrefix(m.URL, "/") {
		host := m.Header.Get("Host")
		if host == "" {
			return nil, errors.New("the HTTP request has no Host header")
		}
		m.URL = "//" + host + m.URL
	}
	if verbose && m.Method != http.MethodGet && m.Method != http.MethodHead {
		m.Notes = append(m.Notes, "what curl -v shows has no body: add it if there is one, and leave out the > of each line")
	}
	m.Body = cutBody(body, m.Header.Get("Content-Length"))
	return m, nil
}

// requestLine reports whether words can be a request line (RFC 9112 §3), the
// version of which may be missing.
func requestLine(words []string) bool {
	return len(words) >= 2 && len(words) <= 3 && strings.Contains(words[1], "/") && (len(words) == 2 || strings.HasPrefix(words[2], "HTTP/"))
}

// shownByCurl is the request within the output of curl -v.
func shownByCurl(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if sent, ok := strings.CutPrefix(line, ">"); ok {
			lines = append(lines, strings.TrimPrefix(sent, " "))
		}
	}
	return strings.Join(lines, "\n")
}

func cutHead(text string) (head, body string) {
	for i := range len(text) {
		for _, end := range []string{"\r\n\r\n", "\n\n", "\n\r\n"} {
			if strings.HasPrefix(text[i:], end) {
				return text[:i], text[i+len(end):]
			}
		}
	}
	return strings.TrimRight(text, "\r\n"), ""
}

// cutBody is the body without what an editor puts at the end of a file.
func cutBody(text, length string) []byte {
	n, err := strconv.Atoi(length)
	switch {
	case err == nil && n >= 0 && n <= len(text):
		return []byte(text[:n])
	case err != nil:
		text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	}
	return []byte(text)
}

func (m *Message) addHeader(lines []string) error {
	last := ""
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		switch {
		case last != "" && (strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")): // RFC 9112 §5.2
			values := m.Header[last]
			values[len(values)-1] += " " + strings.TrimSpace(line)
		case !ok || strings.TrimSpace(name) != name || name == "":
			return fmt.Errorf("the HTTP request has a header line without a name and a colon: %q", oauth.Printable(name))
		default:
			last = http.CanonicalHeaderKey(name)
			m.Header[last] = append(m.Header[last], strings.TrimSpace(value))
		}
	}
	return nil
}
