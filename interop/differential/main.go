// Command differential writes random requests that are signed by OAuth 1.0,
// one in a line of JSON, each with the base string that Gatehouse makes of it
// and the signature. compare.py makes both with oauthlib.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

func main() {
	count := flag.Int("count", 1000, "how many requests")
	seed := flag.Uint64("seed", 0, "which requests")
	flag.Parse()
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	err := write(out, *count, *seed)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "differential: seed %d: %v\n", *seed, err)
		os.Exit(1)
	}
}

// line is what compare.py reads.
type line struct {
	Method        string `json:"method"`
	URL           string `json:"url"`
	Authorization string `json:"authorization"` // empty: there is no such header
	ContentType   string `json:"content_type"`
	Body          string `json:"body"`
	BaseString    string `json:"base_string"`

	// Of every tenth request.
	ClientSecret string `json:"client_secret,omitempty"`
	TokenSecret  string `json:"token_secret,omitempty"`
	Signature    string `json:"signature,omitempty"`
}

const signEach = 10

func write(out io.Writer, count int, seed uint64) error {
	g := generator{rand.New(rand.NewPCG(seed, 5849))} // #nosec G404 -- a seed that was printed gives the same requests again
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for i := range count {
		l, err := g.line(i%signEach == 0)
		if err != nil {
			return fmt.Errorf("request %d: %w", i, err)
		}
		if err := encoder.Encode(l); err != nil { // #nosec G117 -- a secret of one random request
			return err
		}
	}
	return nil
}

// line is a random request with what Gatehouse makes of it. Each one is made
// to be right, so a refusal is an error.
func (g generator) line(sign bool) (*line, error) {
	m := g.message()
	sent, err := m.At(nil)
	if err != nil {
		return nil, fmt.Errorf("%+v: %w", m, err)
	}
	signed, refusal := oauth1.Parse(sent.Request)
	if refusal != nil {
		return nil, fmt.Errorf("%+v is refused: %s", m, refusal.Description)
	}
	l := &line{Method: m.Method, URL: m.URL, Authorization: m.Header.Get("Authorization"),
		ContentType: m.Header.Get("Content-Type"), Body: string(m.Body), BaseString: signed.BaseString()}
	if !sign {
		return l, nil
	}
	l.ClientSecret, l.TokenSecret = g.text(), g.text()
	signer := oauth1.Signer{Method: oauth.HMACSHA1, ClientSecret: oauth.NewSecret(l.ClientSecret), TokenSecret: oauth.NewSecret(l.TokenSecret)}
	r := sent.Request
	l.Signature, err = signer.Sign(r.Method, oauth1.BaseURI(r.Scheme, r.Host, r.Path), signed.Params())
	return l, err
}
