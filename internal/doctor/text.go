package doctor

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is the diagnosis for the client's developer: what is wrong in one
// sentence, the difference, and what to do. It holds the base string.
func (d *Diagnosis) Text() string {
	var out strings.Builder
	if d.Right() {
		out.WriteString("The request is right.\n")
		return out.String()
	}
	for _, finding := range d.Findings {
		fmt.Fprintf(&out, "%s\n", finding.Sentence())
	}
	for _, part := range d.Difference {
		part.write(&out)
	}
	if d.BaseString != "" {
		fmt.Fprintf(&out, "\nSign this base string%s:\n  %s\n", redaction(d.BaseString), visible(d.BaseString))
	}
	if len(d.Others) > 0 {
		out.WriteString("\nFor this request the same comes of:\n")
	}
	for _, other := range d.Others {
		fmt.Fprintf(&out, "  %s\n", other.Sentence())
	}
	return out.String()
}

func redaction(base string) string {
	if strings.Contains(base, redacted) {
		return `, with the value that is "` + redacted + `" here`
	}
	return ""
}

// write shows the part on two lines and marks from where to where they differ
// on a third.
func (p *Part) write(out *strings.Builder) {
	signed, expected := visible(p.Signed), visible(p.Expected)
	fmt.Fprintf(out, "\n  %s\n", p.Name)
	fmt.Fprintf(out, "    signed     %s\n", orNothing(signed))
	fmt.Fprintf(out, "    should be  %s\n", orNothing(expected))
	if signed == "" || expected == "" || signed == expected {
		return
	}
	from, to := differing(expected, signed)
	fmt.Fprintf(out, "               %s%s\n", strings.Repeat(" ", from), strings.Repeat("^", to-from))
}

func orNothing(text string) string {
	if text == "" {
		return "(nothing)"
	}
	return text
}

// differing returns from and to between which characters text is not like
// other; at least one is marked.
func differing(text, other string) (from, to int) {
	a, b := []rune(text), []rune(other)
	for from < len(a) && from < len(b) && a[from] == b[from] {
		from++
	}
	end := 0
	for end < len(a)-from && end < len(b)-from && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	return from, max(len(a)-end, from+1)
}

// visible is text that cannot move the cursor of a terminal.
func visible(text string) string {
	var out strings.Builder
	for _, c := range text {
		switch {
		case c == '\n':
			out.WriteString(`\n`)
		case c == '\r':
			out.WriteString(`\r`)
		case c == utf8.RuneError || !unicode.IsPrint(c):
			fmt.Fprintf(&out, `\x%02X`, c)
		default:
			out.WriteRune(c)
		}
	}
	return out.String()
}
