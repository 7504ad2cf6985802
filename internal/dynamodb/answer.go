package dynamodb

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"gatehouse/internal/oauth"
)

var errDamaged = errors.New("dynamodb: the answer is not what its checksum is of")

// whole is an HTTP client whose answers have arrived to the last byte. On its
// own the SDK reads an empty body as an answer without an item, which would
// tell a phone that its session is gone; of a wrong checksum it only warns; and
// it gives a call up when its answer breaks off. What fails here is sent again,
// as after any broken connection.
type whole struct{ sdk.HTTPClient }

// Do sends req and returns the answer, read and checked. It is counted among
// the calls of the request that it is made for.
func (w whole) Do(req *http.Request) (resp *http.Response, err error) {
	oauth.CallsOf(req.Context()).Time(func() { resp, err = w.do(req) })
	return resp, err
}

func (w whole) do(req *http.Request) (*http.Response, error) {
	resp, err := w.HTTPClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("dynamodb: read an answer: %w", err)
	}
	if damaged(resp.Header.Get("X-Amz-Crc32"), body) {
		return nil, errDamaged
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// damaged compares a body with its checksum. Local engines may send none; no
// answer is empty.
func damaged(checksum string, body []byte) bool {
	if checksum == "" {
		return len(body) == 0
	}
	return checksum != strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)
}
