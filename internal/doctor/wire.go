package doctor

import (
	"strconv"
	"strings"

	"gatehouse/internal/oauth"
)

// wireMistakes are about values that were signed rightly and sent otherwise:
// what arrives is not what was signed.
func wireMistakes(*reading, *draft) []mistake {
	all := []mistake{
		sent("sent_escaped_twice", "values of the query or the form were percent-encoded twice when they were sent", "encode them once",
			applications, unescaped),
		sent("sent_escaped_twice", "values of the Authorization header were percent-encoded twice when they were sent", "encode them once",
			protocol, unescaped),
		sent("plus_not_escaped", "a plus sign was sent as +, which is a space there", "send a plus sign as %2B",
			applications, func(value string) string { return strings.ReplaceAll(value, " ", "+") }),
		sent("plus_as_space", "a plus sign was signed as a space", "sign a plus sign as %2B",
			applications, func(value string) string { return strings.ReplaceAll(value, "+", " ") }),
		of("entity", "an & of the query was sent as &amp;", "send &", func(d *draft) {
			d.params = edited(d.params, func(p *param) { p.Name = strings.TrimPrefix(p.Name, "amp;") })
		}),
		sent("line_breaks", "line breaks were signed as LF and sent as CR LF", "sign text as it is sent",
			applications, func(value string) string { return strings.ReplaceAll(value, "\r\n", "\n") }),
		sent("line_breaks", "line breaks were signed as CR LF and sent as LF", "sign text as it is sent",
			applications, func(value string) string { return strings.ReplaceAll(value, "\n", "\r\n") }),
		sent("white_space", "white space around values was cut off before they were signed", "sign values as they are sent",
			applications, strings.TrimSpace),
	}
	for _, step := range []int64{-1, 1, -2, 2} {
		all = append(all, sent("timestamp_made_twice", "the timestamp that was signed is not the one that was sent", "make timestamp and nonce once for each request",
			func(p *param) bool { return p.Name == "oauth_timestamp" }, moved(step)))
	}
	return all
}

func sent(code, what, fix string, which func(*param) bool, change func(string) string) mistake {
	return of(code, what, fix, func(d *draft) {
		d.params = edited(d.params, func(p *param) {
			if which(p) {
				p.Value = change(p.Value)
			}
		})
	})
}

func moved(seconds int64) func(string) string {
	return func(timestamp string) string {
		n, err := strconv.ParseInt(timestamp, 10, 64)
		if err != nil {
			return timestamp
		}
		return strconv.FormatInt(n+seconds, 10)
	}
}

// methodMistakes are about the HTTP method (RFC 5849 §3.4.1.1).
func methodMistakes(r *reading, right *draft) (all []mistake) {
	all = append(all, method("method_case", "the method was signed in lower case", "sign it in capitals", strings.ToLower(right.method)))
	if wrote := r.c.Request.Method; wrote != right.method {
		all = append(all, method("method_case", "the method was signed as it was written", "sign it in capitals", wrote))
	}
	for _, name := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"} {
		if name != right.method {
			all = append(all, method("method", "the request was signed as "+name+" and sent as "+oauth.Printable(right.method),
				"sign the method that is sent; after a redirect sign again", name))
		}
	}
	return all
}

func method(code, what, fix, name string) mistake {
	m := of(code, what, fix, func(d *draft) { d.method = name })
	m.field = "method"
	return m
}
