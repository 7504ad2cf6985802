package dynamodb

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// overloaded answers each BatchGetItem for one key only and leaves the others
// unprocessed, or all of them when it is stuck.
type overloaded struct{ stuck bool }

func (o overloaded) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(req.Header.Get("X-Amz-Target"), ".BatchGetItem") {
		return http.DefaultTransport.RoundTrip(req)
	}
	type keys struct {
		Keys           []json.RawMessage
		ConsistentRead bool
	}
	var asked struct{ RequestItems map[string]keys }
	if err := json.NewDecoder(req.Body).Decode(&asked); err != nil {
		return nil, err
	}
	left := map[string]keys{}
	for table, k := range asked.RequestItems {
		if served := 1; !o.stuck {
			asked.RequestItems[table] = keys{k.Keys[:served], k.ConsistentRead}
			k.Keys = k.Keys[served:]
		}
		if len(k.Keys) > 0 {
			left[table] = k
		}
	}
	return o.answer(req, asked, left)
}

// answer sends what is left of the request and adds the keys left out.
func (o overloaded) answer(req *http.Request, asked, left any) (*http.Response, error) {
	body, err := json.Marshal(asked)
	if err != nil {
		return nil, err
	}
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, err
	}
	answer["UnprocessedKeys"] = left
	if o.stuck {
		delete(answer, "Responses")
	}
	body, err = json.Marshal(answer)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE(body)))
	return resp, err
}

func TestListAsksAgainForWhatWasLeftOut(t *testing.T) {
	store := newStore(t, overloaded{})
	session := testSession()
	for i := range byte(3) {
		session.ID[15], session.Created = i, start.Add(time.Duration(i)*time.Second)
		if err := store.Create(t.Context(), session); err != nil {
			t.Fatal(err)
		}
	}
	page, _, err := store.List(t.Context(), session.User, "", 10, start)
	if err != nil || len(page) != 3 {
		t.Fatalf("List: %d sessions, %v, want 3", len(page), err)
	}
	for i := range page {
		if want := byte(2 - i); page[i].ID[15] != want {
			t.Errorf("place %d: session %d, want %d", i, page[i].ID[15], want)
		}
	}
}

func TestListGivesUp(t *testing.T) {
	store := newStore(t, overloaded{stuck: true})
	session := testSession()
	if err := store.Create(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	_, _, err := store.List(t.Context(), session.User, "", 10, start)
	if !errors.Is(err, errBusy) {
		t.Errorf("List: %v, want %v", err, errBusy)
	}
}

func TestPauseEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := pause(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("pause: %v, want %v", err, context.Canceled)
	}
}
