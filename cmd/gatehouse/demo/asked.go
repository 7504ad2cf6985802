package demo

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
)

// errForeign: another page's script asks, or a program without one.
var errForeign = errors.New("only the demo page itself may ask for this, opened at an address that the program printed")

// maxOrder is how much the page may send, in bytes.
const maxOrder = 16 << 10

// asked decodes what the page itself asks for. It answers all others, and
// returns false.
func (p *Page) asked(w http.ResponseWriter, r *http.Request, wanted any) bool {
	if !p.ownPage(r) {
		refuse(w, http.StatusForbidden, errForeign)
		return false
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(wanted); err != nil {
		refuse(w, http.StatusBadRequest, errors.New("the body is not what this address takes, or too long"))
		return false
	}
	return true
}

// ownPage: a browser tells which page asks, and a page can't change that. JSON
// from another page would need a preflight, which nobody answers.
func (p *Page) ownPage(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return slices.Contains(p.Site.Origins(), r.Header.Get("Origin")) && (site == "" || site == "same-origin") &&
		r.Header.Get("Content-Type") == "application/json"
}

// base is the URL of the API as the page that asks has it.
func (p *Page) base(r *http.Request) string {
	if p.Site.Public != nil {
		return p.Site.Public.String()
	}
	return r.Header.Get("Origin") + p.Site.api()
}

func refuse(w http.ResponseWriter, status int, reason error) {
	reply(w, status, map[string]string{"error_description": reason.Error()})
}

func reply(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // a browser that went away is no error
}
