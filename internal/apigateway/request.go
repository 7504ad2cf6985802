package apigateway

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// proxyRequest makes the request of a proxy event. malformed is not nil when
// the query or the body can't be decoded; the request then lacks them.
func (s site) proxyRequest(e *event) (r *oauth.Request, malformed *oauth.Error) {
	r, malformed = s.request(e)
	r.BodySeen = true
	r.Caller = e.caller()
	if malformed != nil {
		return r, malformed
	}
	body, err := e.body()
	if err != nil {
		return r, oauth.BadRequest(oauth.InvalidRequest, "the body can't be decoded")
	}
	r.Body = body
	return r, nil
}

// request makes what proxy and authorizer events have in common. malformed is
// not nil when the query can't be decoded; the request then has none.
func (s site) request(e *event) (r *oauth.Request, malformed *oauth.Error) {
	source := s.source(e) // before header, which renames in place
	r = &oauth.Request{ID: e.Context.RequestID, Method: e.method(), Header: e.header(), Source: source, Template: e.template()}
	r.Scheme, r.Host, r.Path, r.Route = s.locate(e)
	query, err := e.query()
	if err != nil {
		return r, oauth.Quoting(oauth.InvalidRequest, "query: "+err.Error())
	}
	r.Query, r.RawQuery = query, e.rawQuery(query)
	return r, nil
}

// parseSource returns the address in text, or the zero address.
func parseSource(text string) netip.Addr {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}

func (e *event) body() ([]byte, error) {
	if e.Base64 {
		return base64.StdEncoding.DecodeString(e.Body)
	}
	return []byte(e.Body), nil
}

// query returns the decoded query. A REST API decodes it and keeps the order
// only among values of one name, so names are sorted there.
func (e *event) query() (oauth.Params, error) {
	if e.payload2() {
		return oauth.ParseForm(e.RawQuery)
	}
	params := e.decodedQuery()
	if len(params) > oauth.MaxParams {
		return nil, &oauth.ParamError{Reason: fmt.Sprintf("more than %d parameters", oauth.MaxParams)}
	}
	slices.SortStableFunc(params, func(a, b oauth.Param) int { return strings.Compare(a.Name, b.Name) })
	return params, nil
}

// rawQuery returns the query as sent. A REST API does not tell it: there query
// is encoded again.
func (e *event) rawQuery(query oauth.Params) string {
	if e.payload2() {
		return e.RawQuery
	}
	return encodeQuery(query)
}

// encodeQuery escapes all but the unreserved characters of RFC 3986 §2.3, a
// space as %20, which every decoder reads.
func encodeQuery(query oauth.Params) string {
	var out strings.Builder
	for i, param := range query {
		if i > 0 {
			out.WriteByte('&')
		}
		out.WriteString(escapeQuery(param.Name) + "=" + escapeQuery(param.Value))
	}
	return out.String()
}

func escapeQuery(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

func (e *event) decodedQuery() oauth.Params {
	var params oauth.Params
	for name, values := range e.MultiQuery {
		for _, value := range values {
			params = append(params, oauth.Param{Name: name, Value: value})
		}
	}
	if len(e.MultiQuery) == 0 {
		for name, value := range e.Query {
			params = append(params, oauth.Param{Name: name, Value: value})
		}
	}
	return params
}

// header returns the headers under canonical names. Payload 2.0 joins a
// repeated header with commas; payload 1.0 keeps the values apart.
func (e *event) header() http.Header {
	if len(e.MultiHeaders) > 0 {
		return canonicalHeader(e.MultiHeaders)
	}
	header := make(http.Header, len(e.Headers)+1)
	for name, value := range e.Headers {
		header.Add(name, value)
	}
	if len(e.Cookies) > 0 {
		header["Cookie"] = []string{strings.Join(e.Cookies, "; ")}
	}
	return header
}

// canonicalHeader renames in place. Names that differ only in case are one
// header: two of them must not look like a single one.
func canonicalHeader(header http.Header) http.Header {
	for name, values := range header {
		if canonical := http.CanonicalHeaderKey(name); canonical != name {
			delete(header, name)
			header[canonical] = append(header[canonical], values...)
		}
	}
	return header
}
