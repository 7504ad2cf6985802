package doctor

import (
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// leftOut are mistakes about which parameters are signed (RFC 5849 §3.4.1.3.1):
// all of some kind are missing.
func leftOut(*reading, *draft) []mistake {
	return []mistake{
		without("query_left_out", "the parameters of the query were not signed", "sign them with the others",
			func(p *param) bool { return p.in == inQuery && applications(p) }),
		without("form_left_out", "the fields of the form body were not signed", "sign them with the others",
			func(p *param) bool { return p.in == inForm && applications(p) }),
		without("empty_left_out", "parameters without a value were not signed", "sign them as name=",
			func(p *param) bool { return p.Value == "" }),
		without("xauth_left_out", "the x_auth_ parameters were not signed", "sign them with the others",
			func(p *param) bool { return strings.HasPrefix(p.Name, "x_auth_") }),
		of("duplicates_left_out", "of parameters of the same name only the first was signed", "sign every one",
			func(d *draft) { d.params = firsts(d.params) }),
		of("duplicates_left_out", "of parameters of the same name only the last was signed", "sign every one",
			func(d *draft) { d.params = reversed(firsts(reversed(d.params))) }),
		of("equals_left_out", "parameters without a value were signed without =", "sign them as name=", func(d *draft) {
			d.params = edited(d.params, func(p *param) { p.bare = p.Value == "" })
		}),
	}
}

func without(code, what, fix string, drop func(*param) bool) mistake {
	return of(code, what, fix, func(d *draft) {
		d.params = kept(d.params, func(p *param) bool { return !drop(p) })
	})
}

// protocol is RFC 5849 §3.1.
func protocol(p *param) bool { return strings.HasPrefix(p.Name, "oauth_") }

// applications are the parameters that are not of the protocol.
func applications(p *param) bool { return !protocol(p) }

func firsts(params []param) []param {
	seen := map[string]bool{}
	return kept(params, func(p *param) bool {
		again := seen[p.Name]
		seen[p.Name] = true
		return !again
	})
}

func reversed(params []param) []param {
	params = slices.Clone(params)
	slices.Reverse(params)
	return params
}

// maxAlone is how many parameters are tried one by one.
const maxAlone = 24

// leftOutAlone are the mistakes of leaving out one parameter.
func leftOutAlone(_ *reading, right *draft) (all []mistake) {
	var names []string
	for i := range right.params {
		if name := right.params[i].Name; !slices.Contains(names, name) && len(names) < maxAlone {
			names = append(names, name)
		}
	}
	for _, name := range names {
		all = append(all, without("parameter_left_out", "the parameter "+oauth.Printable(name)+" was sent and not signed", "sign every parameter but oauth_signature and realm",
			func(p *param) bool { return p.Name == name }))
	}
	return all
}

// added are mistakes about parameters that are signed and should not be.
func added(r *reading, right *draft) []mistake {
	all := []mistake{
		signedToo("signature_signed", "oauth_signature was among the signed parameters, without a value", "leave it out of the base string", "oauth_signature", ""),
		of("signature_signed", "an oauth_signature was among the signed parameters: the request was signed twice", "sign once, without oauth_signature",
			func(d *draft) {
				first := base64Std(d.sign(d.base()))
				d.params = plus(d.params, oauth.Param{Name: "oauth_signature", Value: first})
			}),
		signedToo("token_signed", "an empty oauth_token was signed and not sent", "send what is signed", "oauth_token", ""),
		signedToo("version_signed", "oauth_version was signed and not sent", "send what is signed", "oauth_version", "1.0"),
		signedToo("callback_signed", "oauth_callback was signed and not sent", "send what is signed", "oauth_callback", "oob"),
		signedToo("verifier_signed", "an empty oauth_verifier was signed and not sent", "send what is signed", "oauth_verifier", ""),
	}
	if realm, there := r.realm(); there {
		all = append(all, signedToo("realm_signed", "realm was among the signed parameters", "leave it out of the base string", "realm", realm))
	}
	return append(all, r.bodyMistakes()...)
}

func plus(params []param, more ...oauth.Param) []param {
	params = slices.Clone(params)
	for _, p := range more {
		params = append(params, param{Param: p, in: nowhere})
	}
	return params
}

// signedToo adds a parameter unless there is one of its name.
func signedToo(code, what, fix, name, value string) mistake {
	return of(code, what, fix, func(d *draft) {
		if !slices.ContainsFunc(d.params, func(p param) bool { return p.Name == name }) {
			d.params = plus(d.params, oauth.Param{Name: name, Value: value})
		}
	})
}

// realm is that of the Authorization header. Its value is between quotes as it
// is (RFC 2617 §1.2).
func (r *reading) realm() (value string, there bool) {
	_, text := r.c.Request.Authorization()
	at := strings.Index(strings.ToLower(text), `realm="`)
	if at < 0 {
		return "", false
	}
	value, _, there = strings.Cut(text[at+len(`realm="`):], `"`)
	return value, there
}

// bodyMistakes sign a body that is no form.
func (r *reading) bodyMistakes() []mistake {
	q := r.c.Request
	if !q.BodySeen || q.IsForm() || len(q.Body) == 0 || len(q.Body) > oauth.MaxBody {
		return nil
	}
	all := []mistake{of("body_signed", "the body was signed as a parameter", "sign no body but a form",
		func(d *draft) {
			d.params = append(slices.Clone(d.params), param{Param: oauth.Param{Name: string(q.Body)}, in: nowhere, hidden: true})
		})}
	form, err := oauth.ParseForm(q.Body)
	if err != nil || !strings.Contains(string(q.Body), "=") {
		return all
	}
	return append(all, of("form_type_absent", "the body was signed as a form, and its Content-Type says that it is none",
		"send Content-Type: application/x-www-form-urlencoded", func(d *draft) { d.params = plus(d.params, form...) }))
}
