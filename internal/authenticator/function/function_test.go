package function

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/password"
)

const (
	arn      = "arn:aws:lambda:eu-west-3:123456789012:function:check-password:live"
	hunter   = "hunter2-Pa55"
	good     = `{"user":{"id":"42","name":"Alice"}}`
	question = `{"username":"alice","password":"` + hunter + `","address":"192.0.2.1","client":"mobile"}`
)

// asked is the function of arn where Lambda's API is answered by handle.
func asked(t *testing.T, timeout time.Duration, handle http.HandlerFunc) password.Elsewhere {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("anyone", "anything", "")}
	return New(cfg, arn, timeout)
}

func signIn() oauth.SignIn {
	return oauth.SignIn{Name: "alice", Password: oauth.NewSecret(hunter), Source: netip.MustParseAddr("192.0.2.1"), Client: "mobile"}
}

func answer(status int, text string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

func TestFunctionIsAsked(t *testing.T) {
	var path, body, kind, signed string
	f := asked(t, time.Minute, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		path, body, kind, signed = r.URL.Path, string(text), r.Header.Get("X-Amz-Invocation-Type"), r.Header.Get("Authorization")
		answer(200, good)(w, r)
	})
	user, right, err := f.Check(t.Context(), signIn())
	if err != nil || !right || user != (oauth.User{ID: "42", Name: "Alice"}) {
		t.Fatalf("%+v, %v, %v", user, right, err)
	}
	if path != "/2015-03-31/functions/"+arn+"/invocations" || body != question || kind != "RequestResponse" || !strings.Contains(signed, "/eu-west-3/lambda/aws4_request") {
		t.Errorf("asked %s with %s, %s, %s", path, body, kind, signed)
	}
}

func TestWrongPassword(t *testing.T) {
	if user, right, err := asked(t, time.Minute, answer(200, `{"user":null}`)).Check(t.Context(), signIn()); err != nil || right || user != (oauth.User{}) {
		t.Errorf("%+v, %v, %v", user, right, err)
	}
}

// In none of these does anybody know whether the password is right.
func TestFailures(t *testing.T) {
	elsewhere := httptest.NewServer(answer(200, good))
	defer elsewhere.Close()
	for name, test := range map[string]struct {
		handle http.HandlerFunc
		want   string // in the error
	}{
		"it threw":           {answer(200, `{"errorMessage":"bad password `+hunter+`"}`, "X-Amz-Function-Error", "Unhandled"), "Unhandled"},
		"it threw, and user": {answer(200, good, "X-Amz-Function-Error", "Handled"), "see its log"},
		"no such function":   {answer(404, `{"Type":"User"}`, "X-Amzn-ErrorType", "ResourceNotFoundException"), "ResourceNotFound"},
		"not allowed":        {answer(403, `{}`, "X-Amzn-ErrorType", "AccessDeniedException"), "AccessDenied"},
		"throttled":          {answer(429, `{}`, "X-Amzn-ErrorType", "TooManyRequestsException"), "TooManyRequests"},
		"broken":             {answer(500, good, "X-Amzn-ErrorType", "ServiceException"), "ServiceException"},
		"a redirect":         {answer(307, good, "Location", elsewhere.URL), "307"},
		"nothing":            {answer(200, ""), "not a JSON object"},
		"null":               {answer(200, "null"), "not a JSON object"},
		"junk":               {answer(200, "<html>"+hunter), "not a JSON object"},
		"an empty id":        {answer(200, `{"user":{"id":""}}`), "id"},
		"a huge answer":      {answer(200, good+strings.Repeat(" ", 1<<20)), "larger than"},
		"an endless answer":  {endless, "larger than"},
		"half an answer":     {answer(200, good, "Content-Length", "100"), "EOF"},
		"a broken line":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
	} {
		t.Run(name, func(t *testing.T) { wantFailure(t, asked(t, time.Minute, test.handle), test.want) })
	}
}

func wantFailure(t *testing.T, f password.Elsewhere, want string) {
	t.Helper()
	user, right, err := f.Check(t.Context(), signIn())
	if err == nil || right || user != (oauth.User{}) {
		t.Fatalf("%+v, %v, %v, want a failure", user, right, err)
	}
	if text := err.Error(); !strings.Contains(text, want) || !strings.Contains(text, arn) || strings.Contains(text, hunter) {
		t.Errorf("%q, want one that says %q and names the function, and nothing of the password", text, want)
	}
}

// endless answers for as long as anybody reads.
func endless(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		if _, err := fmt.Fprint(w, strings.Repeat(" ", 4096)); err != nil {
			return
		}
	}
}

func TestHangingFunction(t *testing.T) {
	f := asked(t, 50*time.Millisecond, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the server does not see that nobody waits any more
		<-r.Context().Done()
	})
	wantFailure(t, f, "no answer in 50ms")
}

// A caller who waits no more ends the question, which is not the function's fault.
func TestCallerGone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := asked(t, time.Minute, func(http.ResponseWriter, *http.Request) { cancel(); panic(http.ErrAbortHandler) })
	if _, right, err := f.Check(ctx, signIn()); right || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", right, err)
	}
}

// A connection that had ended is tried once more.
func TestOneRetry(t *testing.T) {
	calls := 0
	f := asked(t, time.Minute, func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls == 1 {
			panic(http.ErrAbortHandler)
		}
		answer(200, good)(w, r)
	})
	if _, right, err := f.Check(t.Context(), signIn()); err != nil || !right || calls != 2 {
		t.Errorf("%v, %v after %d calls", right, err, calls)
	}
}

// Only where the function is may get the question: no proxy of the environment.
func TestNoProxy(t *testing.T) {
	proxied := false
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied = true }))
	defer proxy.Close()
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("HTTPS_PROXY", proxy.URL)
	cfg := aws.Config{BaseEndpoint: aws.String("http://lambda.invalid"), Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}
	if _, right, err := New(cfg, arn, time.Minute).Check(t.Context(), signIn()); err == nil || right || proxied {
		t.Errorf("%v, %v, by the proxy: %v", right, err, proxied)
	}
}
