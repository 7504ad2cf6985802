package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/dghubble/oauth1"

	"interop/check"
)

// job is a request to sign, one JSON line on standard input.
type job struct {
	Client, Method, URL string
	Form                [][2]string
	Token, Secret       string
}

// signed is the request as the library would send it, one line of output.
type signed struct {
	Method        string `json:"method"`
	URL           string `json:"url"`
	Authorization string `json:"authorization"`
	Body          string `json:"body"`
}

func signAll(setup *check.Setup, method string) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var j job
		check.Must(json.Unmarshal(lines.Bytes(), &j))
		check.Must(json.NewEncoder(os.Stdout).Encode(sign(newConfig(setup, j.Client, method), j)))
	}
	check.Must(lines.Err())
}

// sign lets the library send to a transport that only takes down.
func sign(config *oauth1.Config, j job) signed {
	taker := &taker{}
	ctx := context.WithValue(context.Background(), oauth1.HTTPClient, &http.Client{Transport: taker})
	request, err := http.NewRequest(j.Method, j.URL, nil)
	if j.Form != nil {
		form := url.Values{}
		for _, pair := range j.Form {
			form.Add(pair[0], pair[1])
		}
		request, err = http.NewRequest(j.Method, j.URL, strings.NewReader(form.Encode()))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	check.Must(err)
	_, err = config.Client(ctx, oauth1.NewToken(j.Token, j.Secret)).Do(request)
	check.Must(err)
	return taker.taken
}

type taker struct{ taken signed }

// RoundTrip takes the request down and answers that all is well.
func (t *taker) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	t.taken = signed{r.Method, r.URL.String(), r.Header.Get("Authorization"), string(body)}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}
