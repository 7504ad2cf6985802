// Package demo is the page that `gatehouse serve` shows of its own demo
// clients: signing in, sessions, a signed OAuth 1.0 call with all its parts, and
// why a signature is refused. No deployment has it.
package demo

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"path"
	"strconv"
	"time"

	"gatehouse/internal/doctor"
	"gatehouse/internal/oauth"
)

// Page is the demo page and what it needs. Every field must be set.
type Page struct {
	Site         Site
	Client       string       // that signs OAuth 1.0 requests
	Secret       oauth.Secret // of that client
	PublicClient string       // client without a secret, which the page itself is
	User         string       // who can sign in
	Password     string       // of that user, shown on the page: it is nobody's

	// Know adds to a case what the server knows of client and token. An error
	// means that it could not be read.
	Know func(context.Context, *doctor.Case) error

	Clock func() time.Time
	Rand  io.Reader
}

//go:embed page
var files embed.FS

// assets are the files of the page, by their paths.
var assets = [...]string{"/demo/demo.css", "/demo/demo.js", "/demo/doctor.js", "/demo/dom.js", "/demo/log.js", "/demo/oauth1.js", "/demo/oauth2.js",
	"/demo/program.js"}

// Handler serves the page at "/" and what belongs to it below "/demo/". All
// other paths are next's.
func (p *Page) Handler(next http.Handler) (http.Handler, error) {
	index, err := p.index()
	if err != nil {
		return nil, err
	}
	own := map[string]http.Handler{
		"/":              p.file("text/html; charset=utf-8", index),
		"/demo/sign":     only(http.MethodPost, p.sign),
		"/demo/mistake":  only(http.MethodPost, p.mistake),
		"/demo/diagnose": only(http.MethodPost, p.diagnose),
	}
	for _, name := range assets {
		content, err := files.ReadFile("page/" + path.Base(name))
		if err != nil {
			return nil, fmt.Errorf("demo page: %w", err)
		}
		own[name] = p.file(contentType(name), content)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, found := own[r.URL.Path]
		if !found {
			handler = next
		}
		handler.ServeHTTP(w, r)
	}), nil
}

// contentType does not ask the system, which may have no or another idea of it.
func contentType(name string) string {
	if path.Ext(name) == ".css" {
		return "text/css; charset=utf-8"
	}
	return "text/javascript; charset=utf-8"
}

// index fills in where the API is and who there is.
func (p *Page) index() ([]byte, error) {
	text, err := template.ParseFS(files, "page/index.html")
	if err != nil {
		return nil, fmt.Errorf("demo page: %w", err)
	}
	var out bytes.Buffer
	err = text.Execute(&out, map[string]string{"API": p.Site.api(), "Public": p.PublicClient, "Client": p.Client, "User": p.User, "Password": p.Password})
	if err != nil {
		return nil, fmt.Errorf("demo page: %w", err)
	}
	return out.Bytes(), nil
}

// file answers with content, which stays the same while the program runs.
func (p *Page) file(contentType string, content []byte) http.Handler {
	policy := p.policy()
	return only(http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
		header := w.Header()
		header.Set("Content-Type", contentType)
		header.Set("Content-Length", strconv.Itoa(len(content)))
		header.Set("Content-Security-Policy", policy)
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		_, _ = w.Write(content) // a browser that went away is no error
	})
}

// policy allows the page its own files and the API, and nothing written into
// the page. Forms are sent by script only: sent by the browser itself, they
// would leave the page.
func (p *Page) policy() string {
	origins := "'self'"
	if p.Site.Public != nil {
		origins += " " + origin(p.Site.Public)
	}
	return "default-src 'none'; script-src " + origins + "; connect-src " + origins + "; style-src 'self'; img-src data:; " +
		"form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}

// only refuses other methods than one, and HEAD where that is GET.
func only(method string, serve http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Referrer-Policy", "no-referrer") // the address has codes in it for a moment
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		if r.Method != method && !(r.Method == http.MethodHead && method == http.MethodGet) {
			header.Set("Allow", method)
			http.Error(w, "this address takes "+method, http.StatusMethodNotAllowed)
			return
		}
		serve(w, r)
	})
}
