package doctor

import (
	"bytes"
	"crypto/hmac"
	"crypto/rsa"
	"fmt"
)

// sizeEach is how many bytes the base strings that a search makes have on
// average at most.
const sizeEach = 4 << 10

// search looks for the mistakes that give the signature that was sent.
type search struct {
	right *draft
	known *reading
	sent  []form
	limit int // of signatures to try

	tried, size int
}

// explanation is what gives the signature that was sent.
type explanation struct {
	wrong    []mistake
	findings []Finding // of these mistakes and of those made after signing
}

// explain adds to the diagnosis what explains the signature.
func (s *search) explain(d *Diagnosis) {
	found := s.find(mistakes(s.known, s.right))
	if len(found) == 0 {
		d.Findings = append(d.Findings, s.unexplained())
		return
	}
	d.Findings = append(d.Findings, found[0].findings...)
	d.Others = others(found)
	d.Difference = append(d.Difference, s.right.difference(found[0].wrong)...)
}

func (s *search) unexplained() Finding {
	what, fix := "none of the known mistakes explains this signature", "check the secrets, which are likely those of another client or token"
	if s.exhausted() {
		what = "none of the known mistakes that were tried explains this signature"
	}
	if s.right.hash != 0 {
		fix += fmt.Sprintf(", and compare the base string that the client signs with the right one: it may be of another host or path prefix than those of %s://%s",
			s.right.scheme, shortHost(s.right.host))
	}
	return Finding{"unexplained", what, fix}
}

// others are the explanations but the first, each code once.
func others(found []explanation) (findings []Finding) {
	seen := map[string]bool{}
	for i, explanation := range found {
		if finding := explanation.findings; len(finding) == 1 && !seen[finding[0].Code] {
			seen[finding[0].Code] = true
			if i > 0 {
				findings = append(findings, finding[0])
			}
		}
	}
	return findings
}

// find returns the explanations of fewest mistakes: none, all of one, or the
// first of two.
func (s *search) find(all []mistake) []explanation {
	right := s.right.text()
	if form := s.match(s.right, right); form != nil {
		return []explanation{{findings: form.findings()}}
	}
	var singles, pairs []explanation
	var effective []mistake
	for _, m := range all {
		d := s.right.made(m)
		text := d.text()
		if s.size += len(text); s.exhausted() {
			break
		}
		if text == right && d.keyedLike(s.right) {
			continue
		}
		if !m.alone {
			effective = append(effective, m)
		}
		switch form := s.match(d, text); {
		case form == nil:
		case form.wrong == nil:
			singles = append(singles, explanation{[]mistake{m}, []Finding{m.Finding}})
		default:
			pairs = append(pairs, explanation{[]mistake{m}, append([]Finding{m.Finding}, *form.wrong)})
		}
	}
	switch {
	case singles != nil:
		return singles
	case pairs != nil:
		return pairs[:1]
	}
	return s.findPair(effective)
}

func (s *search) findPair(all []mistake) []explanation {
	for i, first := range all {
		for _, second := range all[i+1:] {
			if first.field != "" && first.field == second.field {
				continue
			}
			d := s.right.made(first, second)
			if form := s.match(d, d.text()); form != nil && form.wrong == nil {
				return []explanation{{[]mistake{first, second}, []Finding{first.Finding, second.Finding}}}
			}
			if s.exhausted() {
				return nil
			}
		}
	}
	return nil
}

func (s *search) exhausted() bool { return s.tried >= s.limit || s.size > s.limit*sizeEach }

func (f *form) findings() []Finding {
	if f.wrong == nil {
		return nil
	}
	return []Finding{*f.wrong}
}

// text is what is signed, empty for PLAINTEXT.
func (d *draft) text() string {
	if d.hash == 0 {
		return ""
	}
	return d.base()
}

// keyedLike reports whether both drafts sign the same text in the same way.
func (d *draft) keyedLike(other *draft) bool {
	return d.hash == other.hash && d.swapped == other.swapped && bytes.Equal(d.pairOfSecrets(), other.pairOfSecrets())
}

// match returns the form in which the signature that was sent is that of d over
// text, nil when it is not.
func (s *search) match(d *draft, text string) *form {
	if s.exhausted() {
		return nil
	}
	s.tried++
	s.size += len(text)
	if s.known.publicKey != nil {
		return s.verified(d, text)
	}
	signature := d.sign(text)
	for i := range s.sent {
		sent := s.sent[i].raw
		if d.hash == 0 {
			sent = []byte(s.sent[i].text)
		}
		if len(sent) > 0 && hmac.Equal(sent, signature) {
			return &s.sent[i]
		}
	}
	return nil
}

// verified is match for the RSA methods (RFC 5849 §3.4.3).
func (s *search) verified(d *draft, text string) *form {
	digest := sum(d.hash, []byte(text))
	for i := range s.sent {
		if raw := s.sent[i].raw; len(raw) == s.known.publicKey.Size() && rsa.VerifyPKCS1v15(s.known.publicKey, d.hash, digest, raw) == nil {
			return &s.sent[i]
		}
	}
	return nil
}
