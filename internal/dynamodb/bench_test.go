package dynamodb

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// ready is a table of one item that takes no time: it answers every read with
// what was written last.
type ready struct{ answer []byte }

func (r *ready) RoundTrip(request *http.Request) (*http.Response, error) {
	answer := r.answer
	if strings.HasSuffix(request.Header.Get("X-Amz-Target"), ".PutItem") {
		var put struct{ Item json.RawMessage }
		if err := json.NewDecoder(request.Body).Decode(&put); err != nil {
			return nil, err
		}
		answer, r.answer = []byte("{}"), append(append([]byte(`{"Item":`), put.Item...), '}')
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(answer)), Request: request}, nil
}

// BenchmarkCalls is what calls cost of the processor, from session to request
// and from answer to session.
func BenchmarkCalls(b *testing.B) {
	session := testSession().Kept()
	store := Open(aws.Config{Region: "us-east-1", HTTPClient: &http.Client{Transport: &ready{}},
		Credentials: credentials.NewStaticCredentialsProvider("anyone", "anything", "")}, someTables)
	all := calls(session)
	if err := all["Create"](b.Context(), store); err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"Find", "Spend", "Create"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := all[name](b.Context(), store); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkItem makes an item of a session, and a session of the item.
func BenchmarkItem(b *testing.B) {
	session := testSession().Kept()
	b.ReportAllocs()
	for b.Loop() {
		if got, err := parseSession(sessionItem(&session)); err != nil || !got.Equal(&session) {
			b.Fatal(got, err)
		}
	}
}
