package check

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// Person is somebody at a browser: an HTTP client with cookies that reads the
// server's pages, fills in their forms and presses their buttons.
type Person struct {
	server  string
	browser *http.Client
}

// Answer opens address, signs in as user and presses button, "allow" or
// "deny". It returns where the server then sends the browser, which does not
// go there; or the verifier that the page shows instead.
func (s *Setup) Answer(address string, user User, button string) string {
	jar, err := cookiejar.New(nil)
	Must(err)
	p := &Person{server: s.URL}
	p.browser = &http.Client{Jar: jar, CheckRedirect: p.stay}
	_, page := p.visit(p.browser.Get(address))
	_, page = p.press(page, "sign-in", url.Values{"username": {user.Name}, "password": {user.Password}})
	away, page := p.press(page, button, url.Values{})
	if away != "" {
		return away
	}
	return page.verifier
}

// stay follows redirects as long as they stay on the server.
func (p *Person) stay(next *http.Request, _ []*http.Request) error {
	if strings.HasPrefix(next.URL.String(), p.server+"/") {
		return nil
	}
	return http.ErrUseLastResponse
}

// press sends the page's form; it returns what visit returns.
func (p *Person) press(page page, button string, typed url.Values) (string, page) {
	if !page.buttons[button] {
		Must(fmt.Errorf("no button %q on %s", button, page.address))
	}
	for name, value := range page.hidden {
		typed.Set(name, value)
	}
	typed.Set("action", button)
	action, err := page.address.Parse(page.action)
	Must(err)
	return p.visit(p.browser.PostForm(action.String(), typed))
}

// page is what the person sees: one form, its buttons, and a verifier if any.
type page struct {
	address  *url.URL
	action   string
	hidden   map[string]string
	buttons  map[string]bool
	verifier string
}

// visit returns the address to which the answer sends the browser, or the
// page that it is.
func (p *Person) visit(response *http.Response, err error) (string, page) {
	Must(err)
	defer response.Body.Close()
	if away := response.Header.Get("Location"); away != "" {
		return away, page{}
	}
	document, err := html.Parse(response.Body)
	Must(err)
	seen := page{address: response.Request.URL, hidden: map[string]string{}, buttons: map[string]bool{}}
	for node := range document.Descendants() {
		seen.read(node)
	}
	return "", seen
}

func (p *page) read(node *html.Node) {
	attributes := map[string]string{}
	for _, attribute := range node.Attr {
		attributes[attribute.Key] = attribute.Val
	}
	switch {
	case node.Data == "form":
		p.action = attributes["action"]
	case node.Data == "input" && attributes["type"] == "hidden":
		p.hidden[attributes["name"]] = attributes["value"]
	case node.Data == "button" && attributes["name"] == "action":
		p.buttons[attributes["value"]] = true
	case attributes["id"] == "verifier" && node.FirstChild != nil:
		p.verifier = strings.TrimSpace(node.FirstChild.Data)
	}
}

// Parameter is a parameter of a redirect's query.
func Parameter(address, name string) string {
	uri, err := url.Parse(address)
	Must(err)
	return uri.Query().Get(name)
}
