package main

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/signing"
)

// answerWait is how long an answer may take.
const answerWait = time.Minute

// authenticate signs the request, or gives it the bearer token.
func (p *program) authenticate(r *signing.Request, o *requestOptions) error {
	if r.Header.Get("Authorization") != "" && (o.bearer != "" || signing.Place(o.place) == signing.InHeader) {
		return usage("--header Authorization: that is where the credentials go")
	}
	if o.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+o.bearer)
		return nil
	}
	key, err := readRSAKey(o.rsaKey)
	if err != nil {
		return err
	}
	nonce := make([]byte, 16)
	if _, err := io.ReadFull(p.rand, nonce); err != nil {
		return fmt.Errorf("a random nonce: %w", err)
	}
	credentials := signing.Credentials{
		ConsumerKey: o.consumerKey,
		Token:       o.token,
		Realm:       o.realm,
		Place:       signing.Place(o.place),
		Signer: oauth1.Signer{
			Method:        oauth.SignatureMethod(o.signatureMethod),
			ClientSecret:  oauth.NewSecret(o.consumerSecret),
			TokenSecret:   oauth.NewSecret(o.tokenSecret),
			RSAPrivateKey: key,
		},
	}
	base, err := credentials.Sign(r, p.clock(), hex.EncodeToString(nonce))
	if err != nil {
		return err
	}
	if o.verbose && base != "" {
		p.say("* base string: %s", base)
	}
	return nil
}

func readRSAKey(path string) (*rsa.PrivateKey, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path) // #nosec G304 -- the file that its user names
	if err != nil {
		return nil, fmt.Errorf("--rsa-key: %w", err)
	}
	key, err := signing.ParseRSAPrivateKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// send sends the request as it was signed: redirects are not followed, since
// a signature is for one URL.
func (p *program) send(ctx context.Context, r *signing.Request, o *requestOptions) error {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL.String(), bytes.NewReader(r.Content()))
	if err != nil {
		return err
	}
	request.Header = r.Header
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", "gatehouse/"+version())
	}
	if r.Form != nil {
		request.Header.Set("Content-Type", signing.FormType)
	}
	if o.verbose {
		p.printRequest(request, r.Content())
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("no answer from %s: %w", r.URL.Host, rootCause(err))
	}
	defer response.Body.Close()
	return p.printAnswer(response, o.include)
}

func (p *program) printRequest(r *http.Request, body []byte) {
	p.say("> %s %s", r.Method, r.URL.RequestURI())
	p.say("> Host: %s", r.URL.Host)
	for _, line := range headerLines(r.Header) {
		p.say("> %s", line)
	}
	p.say(">")
	if len(body) > 0 {
		p.say("%s", body)
	}
}

func headerLines(header http.Header) (lines []string) {
	for name, values := range header {
		for _, value := range values {
			lines = append(lines, name+": "+value)
		}
	}
	slices.Sort(lines)
	return lines
}

func (p *program) printAnswer(response *http.Response, include bool) error {
	if include {
		fmt.Fprintf(p.out, "%s %s\n", response.Proto, response.Status)
		for _, line := range headerLines(response.Header) {
			fmt.Fprintln(p.out, line)
		}
		fmt.Fprintln(p.out)
	}
	if err := p.copyBody(response.Body); err != nil {
		return fmt.Errorf("the answer's body: %w", rootCause(err))
	}
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%w: %s", errRefused, response.Status)
	}
	return nil
}

// copyBody ends the last line for a person, and changes nothing for a program.
func (p *program) copyBody(body io.Reader) error {
	content, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if _, err := p.out.Write(content); err != nil {
		return err
	}
	if isTerminal(p.out) && len(content) > 0 && content[len(content)-1] != '\n' {
		_, err = io.WriteString(p.out, "\n")
	}
	return err
}
