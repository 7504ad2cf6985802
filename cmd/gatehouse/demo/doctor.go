package demo

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"gatehouse/internal/doctor"
	"gatehouse/internal/signing"
)

// diagnosis is what is wrong with a request.
type diagnosis struct {
	Right bool   `json:"right"`
	Text  string `json:"text"`
}

// diagnose answers POST /demo/diagnose: why a signed request, a curl command or
// the text of an HTTP request, is refused. Nothing is sent.
func (p *Page) diagnose(w http.ResponseWriter, r *http.Request) {
	var wanted struct {
		Text string `json:"text"`
	}
	if !p.asked(w, r, &wanted) {
		return
	}
	c, notes, err := p.read(wanted.Text)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	if err := p.Know(r.Context(), c); err != nil {
		refuse(w, http.StatusInternalServerError, errors.New("the server could not look up client and token"))
		return
	}
	found := doctor.Diagnose(*c)
	reply(w, http.StatusOK, diagnosis{found.Right(), found.Text() + notes})
}

// read makes a case of text; notes say what of it was passed over.
func (p *Page) read(text string) (c *doctor.Case, notes string, err error) {
	message, err := doctor.Read(text)
	if err != nil {
		return nil, "", err
	}
	sent, err := message.At(p.Site.Public)
	if err != nil {
		return nil, "", err
	}
	for _, note := range message.Notes {
		notes += "\nNote: " + note + "\n"
	}
	return &doctor.Case{Request: sent.Request, Addresses: sent.Addresses, Now: p.Clock()}, notes, nil
}

// wrong is a request that the page wants signed with a mistake in it.
type wrong struct {
	Mistake string `json:"mistake"`
	token
}

// mistake answers POST /demo/mistake with a curl command to diagnose.
func (p *Page) mistake(w http.ResponseWriter, r *http.Request) {
	var wanted wrong
	p.answer(w, r, &wanted, func(request *signing.Request) (any, error) {
		command, err := p.signWrongly(&wanted, request)
		return map[string]string{"text": command}, err
	})
}

// signWrongly returns a curl command that sends r, with a signature of something
// else.
func (p *Page) signWrongly(wanted *wrong, r *signing.Request) (string, error) {
	called, credentials := r.URL.String(), p.credentials(&wanted.token)
	switch wanted.Mistake {
	case "scheme":
		r.URL.Scheme = map[string]string{"http": "https", "https": "http"}[r.URL.Scheme]
	case "plus":
		r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, "+", "%2B")
	case "secrets":
		credentials.ClientSecret, credentials.TokenSecret = credentials.TokenSecret, credentials.ClientSecret
	}
	if _, err := p.signWith(credentials, r); err != nil {
		return "", err
	}
	return fmt.Sprintf("curl '%s' \\\n  -H 'Authorization: %s'", called, r.Header.Get("Authorization")), nil
}

// request is a call of an API behind the server.
func (m *wrong) request(base string) (*signing.Request, error) {
	path, known := map[string]string{"scheme": "/notes", "plus": "/notes?q=salt+pepper", "secrets": "/notes"}[m.Mistake]
	if !known {
		return nil, errors.New("mistake is scheme, plus or secrets")
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	u, err := url.Parse(base + path)
	if err != nil {
		return nil, err
	}
	return &signing.Request{Method: http.MethodGet, URL: u, Header: http.Header{}}, nil
}
