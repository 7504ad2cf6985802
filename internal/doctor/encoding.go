package doctor

import (
	"strings"

	"gatehouse/internal/oauth/oauth1"
)

// encodingMistakes are about the percent-encoding of parameters (RFC 5849
// §3.6), which languages' own functions do differently.
func encodingMistakes(*reading, *draft) []mistake {
	const exact = "encode all but A-Z a-z 0-9 - . _ ~ as %XX in capitals"
	return []mistake{
		of("slash_not_escaped", "slashes of parameters were signed without percent-encoding", exact, everywhere(keeping("/"))),
		of("values_not_escaped", "the parameters were signed without percent-encoding", "encode each name and value before they are joined",
			func(d *draft) { d.name, d.value = asIs, asIs }),
		of("values_not_escaped", "the values of parameters were signed without percent-encoding", "encode each name and value before they are joined",
			func(d *draft) { d.value = asIs }),
		of("names_not_escaped", "the names of parameters were signed without percent-encoding", "encode each name and value before they are joined",
			func(d *draft) { d.name = asIs }),
		escapedTwice(func(*param) bool { return true }),
		escapedTwice(applications),
		escapedTwice(protocol),
		of("space_as_plus", "a space was signed as +", "encode a space as %20", everywhere(plusEscape)),
		of("tilde_escaped", "~ was signed as %7E", exact, everywhere(tildeEscape)),
		of("form_encoder", "the parameters were encoded as browsers encode forms", exact, everywhere(formEscape)),
		of("marks_not_escaped", "some of the characters ! ' ( ) * were signed without percent-encoding, as encodeURIComponent leaves them", exact,
			everywhere(keeping("!'()*"))),
		of("marks_not_escaped", "some of the characters ! ' ( ) * were signed without percent-encoding", exact, everywhere(keeping("*"))),
		of("marks_not_escaped", "some of the characters ! ' ( ) * were signed without percent-encoding", exact, everywhere(keeping("!'()"))),
		of("slash_not_escaped", "slashes were signed without percent-encoding", exact,
			func(d *draft) { everywhere(keeping("/"))(d); d.again, d.uriAgain = keeping("/"), keeping("/") }),
		of("slash_not_escaped", "slashes of the URL were signed without percent-encoding", exact, func(d *draft) { d.uriAgain = keeping("/") }),
		of("reserved_not_escaped", "reserved characters such as / and : were signed without percent-encoding, as encodeURI leaves them", exact,
			everywhere(keeping("!'()*;/?:@$,#"))),
		of("escapes_lower_case", "the percent-encoding was in lower case", exact,
			func(d *draft) { everywhere(lowerEscape)(d); d.again, d.uriAgain = lowerEscape, lowerEscape }),
		of("escapes_lower_case", "the percent-encoding of parameters was in lower case", exact, everywhere(lowerEscape)),
		of("not_utf8", "the parameters were signed in Latin-1", "encode text as UTF-8", everywhere(latin1Escape)),
	}
}

func everywhere(e encoder) func(*draft) {
	return func(d *draft) { d.name, d.value = e, e }
}

// escapedTwice encodes some parameters before they are encoded as they should be.
func escapedTwice(which func(*param) bool) mistake {
	return of("values_escaped_twice", "values were percent-encoded twice before they were signed", "give them to the signing library as they are",
		func(d *draft) {
			d.params = edited(d.params, func(p *param) {
				if which(p) {
					p.Name, p.Value = oauth1.Escape(p.Name), oauth1.Escape(p.Value)
				}
			})
		})
}

// keeping escapes all but marks.
func keeping(marks string) encoder {
	pairs := make([]string, 0, 2*len(marks))
	for _, c := range marks {
		pairs = append(pairs, oauth1.Escape(string(c)), string(c))
	}
	back := strings.NewReplacer(pairs...)
	return func(text string) string { return back.Replace(oauth1.Escape(text)) }
}

func plusEscape(text string) string { return strings.ReplaceAll(oauth1.Escape(text), "%20", "+") }

// formEscape is application/x-www-form-urlencoded as browsers and Java have it.
func formEscape(text string) string {
	return strings.NewReplacer("%20", "+", "%2A", "*", "~", "%7E").Replace(oauth1.Escape(text))
}

func tildeEscape(text string) string { return strings.ReplaceAll(oauth1.Escape(text), "~", "%7E") }

func lowerEscape(text string) string { return lowerEscapes(oauth1.Escape(text)) }

// latin1Escape is what is right for text that has no Latin-1 letters, and for
// text that is of more than those.
func latin1Escape(text string) string {
	latin := make([]byte, 0, len(text))
	for _, c := range text {
		if c > 0xFF {
			return oauth1.Escape(text)
		}
		latin = append(latin, byte(c)) // #nosec G115 -- it is at most 0xFF
	}
	return oauth1.Escape(string(latin))
}
