package apigateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"gatehouse/internal/oauth"
)

// answer is what a proxy event's function returns, in either payload.
type answer struct {
	Status       int                 `json:"statusCode"`
	Headers      map[string]string   `json:"headers"`
	MultiHeaders map[string][]string `json:"multiValueHeaders,omitempty"` // payload 1.0
	Cookies      []string            `json:"cookies,omitempty"`           // payload 2.0
	Body         string              `json:"body"`
	Base64       bool                `json:"isBase64Encoded"`
}

// maxAnswer is the most bytes that a Lambda function can return, all counted.
const maxAnswer = 6 << 20

// errTooLarge is an answer that Lambda would not pass on.
var errTooLarge = fmt.Errorf("apigateway: the answer is larger than %d bytes as it is encoded", maxAnswer)

// encode is encodeAnswer, or the answer to a fault where that is too large.
// It makes response what is sent.
func (g *Gateway) encode(response *oauth.Response, payload2 bool) (out []byte, fault, err error) {
	out, err = encodeAnswer(response, payload2)
	if err != nil || len(out) <= maxAnswer {
		return out, nil, err
	}
	*response = errorResponse(http.StatusBadGateway, "bad_gateway",
		fmt.Sprintf("the answer is larger than can be passed on: %d bytes in all, of which a body that is not text takes four for three", maxAnswer))
	g.allowOrigin(response)
	out, err = encodeAnswer(response, payload2)
	return out, errTooLarge, err
}

// encodeAnswer writes response in the shape that the event's payload asks for.
// A body that is not UTF-8 goes as base64.
func encodeAnswer(response *oauth.Response, payload2 bool) ([]byte, error) {
	a := answer{Status: response.Status, Headers: make(map[string]string, len(response.Header))}
	if utf8.Valid(response.Body) {
		a.Body = string(response.Body)
	} else {
		a.Body, a.Base64 = base64.StdEncoding.EncodeToString(response.Body), true
	}
	if payload2 {
		a.joinHeaders(response.Header)
	} else {
		a.splitHeaders(response.Header)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // each < would be six bytes of what there may be
	err := encoder.Encode(a)
	return bytes.TrimRight(out.Bytes(), "\n"), err
}

// splitHeaders puts single values in headers and several in
// multiValueHeaders; the gateway merges the two.
func (a *answer) splitHeaders(header http.Header) {
	for name, values := range header {
		switch len(values) {
		case 0:
		case 1:
			a.Headers[name] = values[0]
		default:
			if a.MultiHeaders == nil {
				a.MultiHeaders = make(map[string][]string)
			}
			a.MultiHeaders[name] = values
		}
	}
}

// joinHeaders joins values with commas (RFC 9110 §5.2), except cookies, which
// can't be joined.
func (a *answer) joinHeaders(header http.Header) {
	for name, values := range header {
		switch {
		case name == "Set-Cookie":
			a.Cookies = values
		case len(values) > 0:
			a.Headers[name] = strings.Join(values, ", ")
		}
	}
}

// checkResponse finds a response that no gateway would pass on, such as the
// zero one.
func checkResponse(response *oauth.Response) error {
	if response.Status < 200 || response.Status > 599 {
		return fmt.Errorf("apigateway: the response has status %d", response.Status)
	}
	return nil
}

// unavailable is the answer to a fault. It says nothing of what went wrong.
func (g *Gateway) unavailable() oauth.Response {
	if g.Fault != nil {
		answer := *g.Fault
		answer.Header = g.Fault.Header.Clone()
		return answer
	}
	return errorResponse(http.StatusServiceUnavailable, oauth.ServerError,
		"the service is temporarily unable to answer, try again")
}

// malformedResponse is the answer to a request that can't be decoded.
func malformedResponse(refusal *oauth.Error) oauth.Response {
	response := errorResponse(refusal.Status, refusal.Code, refusal.Description)
	response.Refusal = refusal
	return response
}

// errorResponse is an error in the form of RFC 6749 §5.2.
func errorResponse(status int, code, description string) oauth.Response {
	body, err := json.Marshal(struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{code, oauth.Describable(description)})
	if err != nil {
		body = nil // two strings always encode
	}
	header := http.Header{
		"Content-Type":  {"application/json"},
		"Cache-Control": {"no-store"},
	}
	return oauth.Response{Status: status, Header: header, Body: body}
}
