package doctor

import "strings"

// compare is explain with the base string that the client says it signed:
// first what is wrong with that, then whether the signature is of it.
func (s *search) compare(text string, d *Diagnosis) {
	right := s.right.base()
	if text != right {
		s.compareBase(text, d)
	}
	fixed := *s.right
	fixed.fixed = text
	own := search{right: &fixed, known: s.known, sent: s.sent, limit: s.limit}
	found := own.find(append(secretMistakes(s.known, &fixed), hashMistakes(s.known, &fixed)...))
	if len(found) == 0 {
		d.Findings = append(d.Findings, Finding{"base_string_other", "the signature is not of this base string with these secrets",
			"check that both are of the same request, and that the secrets are those of this client and token"})
		return
	}
	d.Findings = append(d.Findings, found[0].findings...)
	d.Others = append(d.Others, others(found)...)
	d.Difference = append(d.Difference, fixed.difference(found[0].wrong)...)
}

// compareBase names the mistakes that make text, or else the parts of it that
// are wrong.
func (s *search) compareBase(text string, d *Diagnosis) {
	d.Difference = compared(takeApart(text), s.right.components())
	found := s.making(text)
	if len(found) == 0 {
		d.Findings = append(d.Findings, partFindings(d.Difference)...)
		return
	}
	d.Findings = append(d.Findings, found[0].findings...)
	d.Others = append(d.Others, others(found)...)
	d.Difference = s.right.difference(found[0].wrong)
}

// making returns the mistakes that make the base string text: all single ones,
// or the first two.
func (s *search) making(text string) (found []explanation) {
	var effective []mistake
	right := s.right.base()
	for _, m := range mistakes(s.known, s.right) {
		switch base := s.right.made(m).base(); {
		case base == text:
			found = append(found, explanation{[]mistake{m}, []Finding{m.Finding}})
		case base != right && !m.alone:
			effective = append(effective, m)
		}
	}
	for i := 0; i < len(effective) && found == nil; i++ {
		found = s.makingWith(effective[i], effective[i+1:], text)
	}
	return found
}

func (s *search) makingWith(first mistake, others []mistake, text string) []explanation {
	for _, second := range others {
		if s.exhausted() {
			return nil
		}
		base := s.right.made(first, second).base()
		s.tried++
		s.size += len(base)
		if base == text {
			return []explanation{{[]mistake{first, second}, []Finding{first.Finding, second.Finding}}}
		}
	}
	return nil
}

// partFindings are about a base string that no known mistakes make.
func partFindings(parts []Part) []Finding {
	codes := map[string]string{"method": "base_method", "URL": "base_url", "parameter": "base_parameters", "order": "base_order", "base string": "base_syntax"}
	var findings []Finding
	seen := map[string]bool{}
	for _, part := range parts {
		if seen[part.Name] {
			continue
		}
		seen[part.Name] = true
		findings = append(findings, Finding{codes[part.Name], "the base string has another " + strings.Replace(part.Name, "base string", "form", 1) + " than the request",
			"sign what is sent; the difference is shown"})
	}
	if findings == nil {
		findings = []Finding{{"base_encoding", "the base string is encoded otherwise than RFC 5849 says", "encode each part once more as a whole"}}
	}
	return findings
}
