package oauth1

import (
	"math"
	"net/http"
	"strconv"

	"gatehouse/internal/oauth"
)

// Answer is a form-encoded 200 (RFC 5849 §2.1, §2.3) that nobody may keep.
func Answer(params oauth.Params) oauth.Response {
	return oauth.Response{Status: http.StatusOK, Header: header(), Body: []byte(EncodeForm(params))}
}

// Refuse puts a refusal in the words of the Problem Reporting extension, in
// the body and, with the challenge of RFC 5849 §3.5.1, in WWW-Authenticate.
func Refuse(realm string, refusal *oauth.Error) oauth.Response {
	problem := oauth.Params{{Name: "oauth_problem", Value: refusal.Code}}
	if refusal.Description != "" {
		problem = append(problem, oauth.Param{Name: "oauth_problem_advice", Value: refusal.Description})
	}
	problem = append(problem, refusal.Details...)
	response := oauth.Response{Status: refusal.Status, Header: header(), Body: []byte(EncodeForm(problem)), Refusal: refusal}
	if refusal.Status == http.StatusUnauthorized {
		response.Header.Set("WWW-Authenticate", FormatHeader(realm, problem))
	}
	if refusal.Allow != "" {
		response.Header.Set("Allow", refusal.Allow)
	}
	if refusal.RetryAfter > 0 {
		response.Header.Set("Retry-After", strconv.Itoa(int(math.Ceil(refusal.RetryAfter.Seconds()))))
	}
	return response
}

func header() http.Header {
	return http.Header{
		"Content-Type":           {"application/x-www-form-urlencoded"},
		"Cache-Control":          {"no-store"},
		"Pragma":                 {"no-cache"},
		"X-Content-Type-Options": {"nosniff"},
	}
}

// EncodeForm writes params as a form, in order, encoded as RFC 5849 §3.6 has
// it, which every form decoder reads.
func EncodeForm(params oauth.Params) string {
	out := make([]byte, 0, 64*len(params))
	for i, param := range params {
		if i > 0 {
			out = append(out, '&')
		}
		out = appendEscaped(out, param.Name, "%")
		out = append(out, '=')
		out = appendEscaped(out, param.Value, "%")
	}
	return string(out)
}
