package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// full is how many items DynamoDB takes in one batch.
const full = 25

// Batches is an http.RoundTripper that keeps what is put, whatever the condition,
// and writes it in batches: to fill tables by a store's own code, quickly. It is of
// one goroutine. What signs requests and checks answers is none of its concern.
type Batches struct {
	waiting []wait
	sent    *http.Request // the last of them, for its headers
}

type wait struct {
	table string
	write json.RawMessage
}

// RoundTrip answers that an item was put. Other requests it sends as they are.
func (b *Batches) RoundTrip(r *http.Request) (*http.Response, error) {
	if operation(r) != "PutItem" {
		return http.DefaultTransport.RoundTrip(r)
	}
	var put struct {
		TableName string
		Item      json.RawMessage
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&put); err != nil {
		return nil, fmt.Errorf("read what is put: %w", err)
	}
	b.sent = r
	if err := b.add(r.Context(), put.TableName, "PutRequest", "Item", put.Item); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

func operation(r *http.Request) string {
	_, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	return name
}

// add writes once there is a whole batch.
func (b *Batches) add(ctx context.Context, table, kind, field string, item json.RawMessage) error {
	write, err := json.Marshal(map[string]any{kind: map[string]any{field: item}})
	if err != nil {
		return fmt.Errorf("encode a batch: %w", err)
	}
	if b.waiting = append(b.waiting, wait{table, write}); len(b.waiting) == full {
		return b.Flush(ctx)
	}
	return nil
}

// Flush writes what waits.
func (b *Batches) Flush(ctx context.Context) error {
	if len(b.waiting) == 0 {
		return nil
	}
	items := map[string][]json.RawMessage{}
	for _, each := range b.waiting {
		items[each.table] = append(items[each.table], each.write)
	}
	b.waiting = b.waiting[:0]
	body, err := json.Marshal(map[string]any{"RequestItems": items})
	if err != nil {
		return fmt.Errorf("encode a batch: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.sent.URL.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make a batch: %w", err)
	}
	request.Header = b.sent.Header.Clone()
	request.Header.Del("Content-Length")
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810.BatchWriteItem")
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("write a batch: %w", err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || !bytes.Contains(said, []byte(`"UnprocessedItems":{}`)) {
		return fmt.Errorf("write a batch: %d %s (%w)", answer.StatusCode, said, err)
	}
	return nil
}

// Puts is an http.RoundTripper that remembers what was put into a table, to take
// it out again. It is of one goroutine at a time.
type Puts struct {
	Table string
	seen  [][]byte
	sent  *http.Request
}

// RoundTrip sends requests as they are.
func (p *Puts) RoundTrip(r *http.Request) (*http.Response, error) {
	if operation(r) == "PutItem" {
		body, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("read what is put: %w", err)
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
		p.seen, p.sent = append(p.seen, body), r
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TakeOut deletes what was put into the table.
func (p *Puts) TakeOut(ctx context.Context) error {
	b := &Batches{sent: p.sent}
	for _, body := range p.seen {
		var put struct {
			TableName string
			Item      struct{ PK json.RawMessage }
		}
		if err := json.Unmarshal(body, &put); err != nil {
			return fmt.Errorf("read what was put: %w", err)
		}
		if put.TableName != p.Table {
			continue
		}
		key, err := json.Marshal(map[string]any{"pk": put.Item.PK})
		if err != nil {
			return fmt.Errorf("encode a key: %w", err)
		}
		if err := b.add(ctx, put.TableName, "DeleteRequest", "Key", key); err != nil {
			return err
		}
	}
	p.seen = nil
	return b.Flush(ctx)
}
