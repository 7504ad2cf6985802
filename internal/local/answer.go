package local

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
)

// answer is what the client gets.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) write(w http.ResponseWriter) error {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, err := w.Write(a.body) // #nosec G705 -- a gateway carries what a function answers
	if errors.Is(err, http.ErrBodyNotAllowed) {
		return nil
	}
	return err
}

// functionAnswer is what a Lambda proxy integration must return; anything
// else in it makes it malformed.
type functionAnswer struct {
	Status       json.RawMessage     `json:"statusCode"`
	Headers      map[string]scalar   `json:"headers"`
	MultiHeaders map[string][]scalar `json:"multiValueHeaders"`
	Body         *string             `json:"body"`
	Base64       bool                `json:"isBase64Encoded"`
}

// scalar is a string, number or boolean, as text.
type scalar string

// UnmarshalJSON fails for lists, objects and null.
func (s *scalar) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '{', '[', 'n':
		return errors.New("the value is not a string, number or boolean")
	case '"':
		return json.Unmarshal(data, (*string)(s))
	}
	*s = scalar(data)
	return nil
}

// decodeAnswer maps a function's answer to HTTP. A base64 body is decoded only
// when the client accepts a binary media type of the API.
func decodeAnswer(out []byte, binary mediaTypes, accept string) (answer, error) {
	var f functionAnswer
	decoder := json.NewDecoder(bytes.NewReader(out))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return answer{}, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return answer{}, errors.New("there is something after the JSON object")
	}
	status, err := f.statusCode()
	if err != nil {
		return answer{}, err
	}
	body, err := f.bodyBytes(binary.match(accept))
	return answer{status, f.header(), body}, err
}

// statusCode takes a number, or a string of one.
func (f *functionAnswer) statusCode() (int, error) {
	text := string(bytes.Trim(f.Status, `"`))
	status, err := strconv.Atoi(text)
	if err != nil || status < 200 || status > 599 {
		return 0, fmt.Errorf("statusCode is %q, not a number from 200 to 599", text)
	}
	return status, nil
}

func (f *functionAnswer) bodyBytes(decode bool) ([]byte, error) {
	switch {
	case f.Body == nil:
		return nil, nil
	case f.Base64 && decode:
		return base64.StdEncoding.DecodeString(*f.Body)
	}
	return []byte(*f.Body), nil
}

// header merges the two maps. The headers that belong to the gateway itself
// are renamed, as API Gateway does.
func (f *functionAnswer) header() http.Header {
	header := http.Header{}
	for name, values := range f.MultiHeaders {
		for _, value := range values {
			header.Add(remapped(name), string(value))
		}
	}
	for name, value := range f.Headers {
		if name = remapped(name); !slices.Contains(header.Values(name), string(value)) {
			header.Add(name, string(value))
		}
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/json")
	}
	return header
}

func remapped(name string) string {
	switch http.CanonicalHeaderKey(name) {
	case "Authorization", "Connection", "Content-Length", "Content-Md5", "Date", "Expect", "Host",
		"Max-Forwards", "Proxy-Authenticate", "Server", "Te", "Trailer", "Transfer-Encoding",
		"Upgrade", "User-Agent", "Via", "Www-Authenticate":
		return "x-amzn-Remapped-" + name
	}
	return name
}
