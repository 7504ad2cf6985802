package local

import (
	"encoding/base64"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"gatehouse/internal/oauth"
)

// call is one request on its way through the gateway.
type call struct {
	request *http.Request
	inStage bool   // the path is below the stage
	path    string // as sent, without the stage
	header  http.Header
	query   oauth.Params
	context requestContext

	stageVariables map[string]string

	// Known once the route is found.
	route  *route
	values map[string]string // of the path parameters
}

func (g *gateway) newCall(r *http.Request, now time.Time) *call {
	sent := r.URL.EscapedPath()
	path, inStage := g.belowStage(sent)
	c := &call{
		request: r,
		inStage: inStage,
		path:    "/" + strings.TrimLeft(path, "/"),
		header:  sentHeader(r),
		query:   decodeQuery(r.URL.RawQuery),

		stageVariables: g.variables,
	}
	id := g.requestID()
	c.context = requestContext{
		ResourceID:        "local",
		Method:            r.Method,
		ExtendedRequestID: id,
		RequestTime:       now.UTC().Format("02/Jan/2006:15:04:05 -0700"),
		RequestTimeEpoch:  now.UnixMilli(),
		Path:              sent,
		AccountID:         accountID,
		Protocol:          r.Proto,
		Stage:             g.stage,
		DomainName:        r.Host,
		DomainPrefix:      strings.Split(r.Host, ".")[0],
		RequestID:         id,
		DeploymentID:      "local",
		APIID:             apiID,
		Identity:          identity{SourceIP: sourceIP(r), UserAgent: userAgent(r)},
	}
	return c
}

// belowStage returns the path without the stage that Options put before it.
func (g *gateway) belowStage(path string) (string, bool) {
	if g.Stage == "" {
		return path, strings.HasPrefix(path, "/")
	}
	rest, ok := strings.CutPrefix(path, "/"+g.Stage)
	return rest, ok && (rest == "" || rest[0] == '/')
}

// requestID is in the form of a UUID (RFC 9562 §5.4).
func (g *gateway) requestID() string {
	var id [16]byte
	if _, err := io.ReadFull(g.Rand, id[:]); err != nil {
		return "unknown" // an id is for logs; no request fails for one
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	text := hex.EncodeToString(id[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// sentHeader is the request's header as API Gateway shows it: with Host, and
// with where the request came from.
func sentHeader(r *http.Request) http.Header {
	header := r.Header.Clone()
	header.Del("Connection")
	header.Set("Host", r.Host)
	_, port, _ := net.SplitHostPort(r.Host)
	if port == "" {
		port = "80"
	}
	from := append(r.Header.Values("X-Forwarded-For"), sourceIP(r))
	header.Set("X-Forwarded-For", strings.Join(from, ", "))
	header.Set("X-Forwarded-Port", port)
	header.Set("X-Forwarded-Proto", "http")
	return header
}

func sourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func userAgent(r *http.Request) *string {
	if values := r.Header.Values("User-Agent"); len(values) > 0 {
		return &values[0]
	}
	return nil
}

// decodeQuery decodes names and values once, in their order. What is not
// rightly encoded stays as it was sent.
func decodeQuery(raw string) (params oauth.Params) {
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		params = append(params, oauth.Param{Name: decodeOr(name, true), Value: decodeOr(value, true)})
	}
	return params
}

func decodeOr(text string, plusIsSpace bool) string {
	decoded, err := oauth.Unescape(text, plusIsSpace)
	if err != nil {
		return text
	}
	return decoded
}

// encodeBody returns the body as an event carries it: base64 for the API's
// binary media types, else text, in which nothing but UTF-8 survives.
func encodeBody(body []byte, binary mediaTypes, contentType string) (text *string, base64Encoded bool) {
	if len(body) == 0 {
		return nil, false
	}
	if binary.match(contentType) {
		encoded := base64.StdEncoding.EncodeToString(body)
		return &encoded, true
	}
	plain := strings.ToValidUTF8(string(body), "\uFFFD")
	return &plain, false
}

// mediaTypes are BinaryMediaTypes, in lower case.
type mediaTypes []string

// match takes the first media type of a Content-Type or Accept header.
func (m mediaTypes) match(header string) bool {
	first, _, _ := strings.Cut(header, ",")
	first, _, _ = strings.Cut(first, ";")
	first = strings.ToLower(strings.TrimSpace(first))
	for _, binary := range m {
		kind, wild := strings.CutSuffix(binary, "/*")
		switch {
		case binary == "*/*", binary == first && first != "":
			return true
		case wild && strings.HasPrefix(first, kind+"/"):
			return true
		}
	}
	return false
}
