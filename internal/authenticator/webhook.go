package authenticator

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// ErrURL is the cause of all errors of ParseURL.
var ErrURL = errors.New("takes an https URL without user, query and fragment, like https://users.example.com/check")

// ParseURL parses the URL of a webhook. Plain http is for this machine alone.
// Errors wrap ErrURL and repeat no text that may hold a password.
func ParseURL(text string) (*url.URL, error) {
	webhook, err := url.Parse(text)
	if err != nil {
		return nil, ErrURL
	}
	switch {
	case webhook.Hostname() == "" || webhook.Opaque != "" || webhook.User != nil || webhook.RawQuery != "" || webhook.ForceQuery || strings.Contains(text, "#"):
		return nil, ErrURL
	case webhook.Scheme == "http" && !onThisMachine(webhook.Hostname()):
		return nil, fmt.Errorf("%w; http is for this machine alone", ErrURL)
	case webhook.Scheme != "http" && webhook.Scheme != "https":
		return nil, fmt.Errorf("%w, and not %s", ErrURL, webhook)
	}
	return webhook, nil
}

func onThisMachine(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// Webhook is a server of the operator's that checks passwords. It implements
// password.Elsewhere. Every field must be set.
type Webhook struct {
	URL       *url.URL // as ParseURL gives it
	Keys      *seal.Keyring
	Transport http.RoundTripper // as NewTransport gives it
	Rand      io.Reader
	Timeout   time.Duration // of the whole answer
}

// The headers of a question, beside those of any request. The signature is of
// the time, a full stop and the body; see seal.Keyring.SignForWebhook.
const (
	timeHeader      = "Gatehouse-Timestamp" // epoch seconds
	signatureHeader = "Gatehouse-Signature"
)

// Check asks the webhook; see password.Elsewhere.
func (w *Webhook) Check(ctx context.Context, s oauth.SignIn) (oauth.User, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, w.Timeout)
	defer cancel()
	text, err := w.ask(ctx, s)
	var user oauth.User
	right := false
	if err == nil {
		user, right, err = Answered(text, s.Name)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("no answer in %v: %w", w.Timeout, err)
	}
	if err != nil {
		return oauth.User{}, false, fmt.Errorf("authenticator: webhook %s: %w", w.URL, err)
	}
	return user, right, nil
}

// ask sends the question and returns the body of the answer.
func (w *Webhook) ask(ctx context.Context, s oauth.SignIn) ([]byte, error) {
	request, err := w.request(ctx, s)
	if err != nil {
		return nil, err
	}
	response, err := w.Transport.RoundTrip(request) // which follows no redirects
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answered with status %d", response.StatusCode)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read its answer: %w", err)
	}
	return text, nil
}

func (w *Webhook) request(ctx context.Context, s oauth.SignIn) (*http.Request, error) {
	body, err := Question(s)
	if err != nil {
		return nil, err
	}
	var id [16]byte
	if _, err := io.ReadFull(w.Rand, id[:]); err != nil {
		return nil, fmt.Errorf("a random id: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	now := strconv.FormatInt(s.Now.Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "Gatehouse")
	request.Header.Set(timeHeader, now)
	request.Header.Set(signatureHeader, w.Keys.SignForWebhook(append([]byte(now+"."), body...)))
	// net/http sends a request that has it once more, where the connection that
	// it had kept turns out to have ended.
	request.Header.Set("Idempotency-Key", hex.EncodeToString(id[:]))
	return request, nil
}
