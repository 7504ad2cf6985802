package oauth1

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"gatehouse/internal/oauth"
)

// A key that was prepared for one method is one for all others, too.
func TestPreparedKey(t *testing.T) {
	private := rsaKey(t, 1024)
	key := secretKey()
	key.RSAPublicKey = pkix(t, &private.PublicKey)
	for _, method := range oauth.SignatureMethods() {
		maker := signer(method)
		maker.RSAPrivateKey = private
		s := mustParse(t, signedOrder(t, maker))
		right := s.Signature
		for _, prepared := range append(oauth.SignatureMethods(), "HMAC-MD5", "") {
			k := key.Prepared(prepared)
			for range 2 { // a signature leaves nothing behind
				if s.Signature = right; !k.serves(method) || !s.Verify(k) || !s.Verify(k.Prepared(method)) {
					t.Errorf("%s is not verified by a key for %s", method, prepared)
				}
				if s.Signature = flip(right[0]) + right[1:]; s.Verify(k) {
					t.Errorf("a wrong %s is verified by a key for %s", method, prepared)
				}
			}
		}
	}
}

// With the state of an HMAC anybody can sign. Whatever shows it takes more than
// 400 bytes.
func TestPreparedKeyIsNotShown(t *testing.T) {
	key := secretKey().Prepared(oauth.HMACSHA1)
	inside := struct{ hidden Key }{key}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c", "%U", "%o"} {
		if state := fmt.Sprintf(verb, **key.hmac); len(state) < 400 {
			t.Errorf("%s shows a state in %d bytes", verb, len(state))
		}
		for _, value := range []any{key, &key, inside, &inside, []Key{key}, map[string]Key{"a": key}, map[string]*Key{"a": &key}} {
			if shown := fmt.Sprintf(verb, value); len(shown) > 350 {
				t.Errorf("%s of a %T shows more than addresses: %.700s", verb, value, shown)
			}
		}
	}
	for _, value := range []any{key, &key, inside} {
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("a key", "key", value)
		if log.Len() > 350 {
			t.Errorf("%T: the log shows more than addresses: %.700s", value, &log)
		}
		text, err := json.Marshal(value)
		if err != nil || len(text) > 100 {
			t.Errorf("%T: %v, and as JSON it is %.700s", value, err, text)
		}
	}
}
