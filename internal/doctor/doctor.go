// Package doctor finds out why a request that was signed by OAuth 1.0 is
// refused. It signs the request again with each of the mistakes that people
// make, one by one and in pairs, until the signature is the one that was sent.
//
// It is pure: no clock, no store, no network.
package doctor

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// Case is what there is to know of a request.
type Case struct {
	Request *oauth.Request // as the server saw it
	Client  oauth.Client
	Known   bool       // there is such a client
	Key     oauth1.Key // that the signature should be made with
	Token   TokenState

	Now       time.Time
	Window    time.Duration // how far the timestamp may be from Now, either way
	NonceSeen bool

	// Addresses are other URLs below which the API may be called, such as that
	// of a stage or of a custom domain.
	Addresses []*url.URL

	// BaseString is what the client says it signed; empty: it does not say.
	BaseString string

	// Limit is how many signatures to try; 0: DefaultLimit.
	Limit int
}

// DefaultLimit is enough to try all mistakes in pairs, with some Addresses.
const DefaultLimit = 8000

// TokenState is what the server knows of the request's token.
type TokenState int

// The states of a token. Its zero value is a token about which there is nothing
// to say, or none.
const (
	TokenFine TokenState = iota
	TokenForged
	TokenRevoked
	TokenExpired
	TokenOfAnother // client
)

// Finding is one thing that is wrong. It holds no secret and no base string,
// and of the request only names and the address.
type Finding struct {
	Code string // stable, such as "scheme"
	What string // is wrong
	Fix  string // what to do about it; empty: nobody knows
}

// Sentence is the finding in plain English.
func (f Finding) Sentence() string {
	if f.Fix == "" {
		return sentence(f.What)
	}
	return sentence(f.What + ": " + f.Fix)
}

// sentence begins with a capital unless it begins with a parameter's name.
func sentence(text string) string {
	if text == "" || strings.HasPrefix(text, "oauth_") {
		return text + "."
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// Diagnosis is what is wrong with a request. Its secrets are redacted, but the
// base string is for the client's developer alone.
type Diagnosis struct {
	Findings   []Finding // what matters most first; empty: the request is right
	Others     []Finding // any of which would explain the signature just as well
	Difference []Part    // between what was signed and what should have been
	BaseString string    // to sign, where the signature is wrong; empty for PLAINTEXT
}

// Right reports whether nothing is wrong with the request.
func (d *Diagnosis) Right() bool { return len(d.Findings) == 0 }

// Line is the codes and sentences of the findings, for a log: nothing in it is
// secret. It is of printable ASCII.
func (d *Diagnosis) Line() string {
	var codes, sentences []string
	for _, finding := range d.Findings {
		codes = append(codes, finding.Code)
		sentences = append(sentences, finding.Sentence())
	}
	return oauth.Describable(strings.Join(codes, "+") + ": " + strings.Join(sentences, " "))
}

// Diagnose says what is wrong with a request, in bounded work.
func Diagnose(c Case) Diagnosis {
	if !oauth1.IsSigned(c.Request) {
		return Diagnosis{Findings: []Finding{notSigned(c.Request)}}
	}
	read, unreadable := read(&c)
	if unreadable != nil {
		return Diagnosis{Findings: []Finding{*unreadable}}
	}
	d := Diagnosis{Findings: append(read.formFindings(), read.partyFindings()...)}
	read.checkSignature(&d)
	d.Findings = append(d.Findings, read.timeFindings()...)
	return d
}

// checkSignature adds what is wrong with the signature, if it can be checked.
func (r *reading) checkSignature(d *Diagnosis) {
	right, able := r.rightDraft()
	if !able {
		return
	}
	s := &search{right: right, known: r, sent: readSignature(r.signature), limit: cmp.Or(r.c.Limit, DefaultLimit)}
	before := len(d.Findings)
	if r.c.BaseString != "" && right.hash != 0 {
		s.compare(r.c.BaseString, d)
	} else {
		s.explain(d)
	}
	if len(d.Findings) > before && right.hash != 0 {
		d.BaseString = right.redacted().base()
	}
}
