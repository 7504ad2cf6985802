package proxy

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// methods are the one that was sent and those that a backend may take for it,
// by a header or by the field _method, as common frameworks do: what a method
// needs must not be got round by saying it elsewhere. Where that can't be read
// for sure it is every method.
func methods(r *oauth.Request) []string {
	all := []string{r.Method}
	for name, values := range r.Header {
		if overrides(name) {
			all = append(all, values...)
		}
	}
	fields, sure := formFields(r)
	for _, field := range append(slices.Clone(r.Query), fields...) {
		if field.Name == "_method" {
			all = append(all, field.Value)
		}
	}
	for i := range all {
		all[i] = strings.ToUpper(strings.TrimSpace(all[i]))
	}
	if !sure {
		all = append(all, http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPatch, http.MethodPost, http.MethodPut)
	}
	return all
}

// overrides tells the headers by which clients say another method.
func overrides(name string) bool {
	switch normal(name) {
	case "x-http-method-override", "x-http-method", "x-method-override", "x-rewrite-method":
		return true
	}
	return false
}

// checkOverride refuses a method in a header that readers take differently: two
// of them, or what is no method.
func checkOverride(r *oauth.Request) *oauth.Error {
	for name, values := range r.Header {
		if overrides(name) && (len(values) > 1 || !isToken(strings.TrimSpace(values[0]))) {
			return malformed("a header for another method has to name one: " + oauth.Printable(name))
		}
	}
	return nil
}

// formFields are those of the body, whichever kind of form it is, and whether
// every backend reads them so.
func formFields(r *oauth.Request) (fields oauth.Params, sure bool) {
	switch media := r.MediaType(); {
	case r.IsForm():
		return encodedFields(string(r.Body)), true
	case strings.HasPrefix(media, "multipart/"):
		return multipartFields(r)
	case strings.HasSuffix(media, "json"):
		return jsonFields(r.Body), true
	}
	return nil, true
}

func multipartFields(r *oauth.Request) (fields oauth.Params, sure bool) {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return nil, false
	}
	parts := multipart.NewReader(bytes.NewReader(r.Body), params["boundary"])
	for len(fields) < oauth.MaxParams {
		part, err := parts.NextPart()
		if err != nil {
			return fields, err == io.EOF // wrapped, it is a form that was broken off
		}
		const longest = 64 // bytes; no method is longer
		value, err := io.ReadAll(io.LimitReader(part, longest))
		if err != nil || part.FormName() == "" {
			return fields, false
		}
		fields = append(fields, oauth.Param{Name: part.FormName(), Value: string(value)})
	}
	return fields, false
}

// jsonFields has what Laravel takes for a form too. What is no JSON says
// nothing to anybody.
func jsonFields(body []byte) oauth.Params {
	var object map[string]json.RawMessage
	var method string
	if json.Unmarshal(body, &object) != nil || json.Unmarshal(object["_method"], &method) != nil {
		return nil
	}
	return oauth.Params{{Name: "_method", Value: method}}
}

// encodedFields passes over the pairs that are no form, since backends do.
func encodedFields(text string) (fields oauth.Params) {
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, errName := oauth.UnescapeForm(name)
		value, errValue := oauth.UnescapeForm(value)
		if errName == nil && errValue == nil {
			fields = append(fields, oauth.Param{Name: name, Value: value})
		}
	}
	return fields
}
