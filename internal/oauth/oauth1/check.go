package oauth1

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"

	"gatehouse/internal/oauth"
)

// Check decides, without reading anything, whether client signed the request
// with key at about now: method allowed, clock within window either way, body
// as its hash says, signature. It is the whole of RFC 5849 §3.2 but for the
// token's status and the nonce.
func (s *Signed) Check(client *oauth.Client, key Key, now time.Time, window time.Duration) *oauth.Error {
	if refusal := s.checkMethod(client); refusal != nil {
		return refusal
	}
	if refusal := s.checkTimestamp(now, window); refusal != nil {
		return refusal
	}
	if refusal := s.checkBodyHash(); refusal != nil {
		return refusal
	}
	if !key.serves(s.Method) || !s.Verify(key) {
		return oauth.Unauthorized(oauth.SignatureInvalid, "the signature does not match the request")
	}
	return nil
}

func (s *Signed) checkMethod(client *oauth.Client) *oauth.Error {
	_, _, err := hashOf(s.Method)
	if s.Method != oauth.Plaintext && err != nil {
		return oauth.BadRequest(oauth.SignatureMethodRejected, "oauth_signature_method is not one of those offered")
	}
	if !client.AllowsMethod(s.Method) {
		return oauth.BadRequest(oauth.SignatureMethodRejected, "this client may not use this oauth_signature_method")
	}
	if s.Method == oauth.Plaintext && !Secure(s.request) {
		return oauth.BadRequest(oauth.SignatureMethodRejected, "PLAINTEXT needs https")
	}
	return nil
}

// RFC 5849 §3.3. Only PLAINTEXT gets here without a timestamp (§3.1).
func (s *Signed) checkTimestamp(now time.Time, window time.Duration) *oauth.Error {
	if s.Timestamp == "" {
		return nil
	}
	seconds, err := strconv.ParseInt(s.Timestamp, 10, 64)
	if err != nil || seconds <= 0 || s.Timestamp[0] == '+' {
		return rejected("oauth_timestamp", "is not a positive whole number of seconds")
	}
	limit := int64(window / time.Second)
	if ahead := seconds - now.Unix(); ahead > limit || ahead < -limit {
		refusal := oauth.Unauthorized(oauth.TimestampRefused, "oauth_timestamp is too far from the server's clock")
		refusal.Details = oauth.Params{{Name: "oauth_acceptable_timestamps",
			Value: strconv.FormatInt(now.Unix()-limit, 10) + "-" + strconv.FormatInt(now.Unix()+limit, 10)}}
		return refusal
	}
	return nil
}

// checkBodyHash follows the Request Body Hash extension: the hash of the
// signature method over the body, and none with a form, which is signed.
func (s *Signed) checkBodyHash() *oauth.Error {
	if !s.request.BodySeen || s.seen&bodyHashParam == 0 {
		return nil
	}
	if s.request.IsForm() {
		return rejected("oauth_body_hash", "does not go with a form-encoded body")
	}
	hash, _, err := hashOf(s.Method)
	if err != nil {
		hash = crypto.SHA1
	}
	want := base64.StdEncoding.AppendEncode(nil, digest(hash, s.request.Body))
	if !equal(want, s.BodyHash) {
		return oauth.Unauthorized(oauth.SignatureInvalid, "oauth_body_hash does not match the body")
	}
	return nil
}

// Spending returns how the request's nonce is spent: it is unique for the
// client, token and timestamp (RFC 5849 §3.3), so all four are its key. It is
// remembered until the timestamp itself is refused, and a minute longer for
// clocks that differ between servers. ok is false when there is no nonce or no
// timestamp, as PLAINTEXT allows (§3.1).
func (p *Protocol) Spending(now time.Time, window time.Duration, attempt oauth.Attempt) (spending oauth.Spending, ok bool) {
	seconds, err := strconv.ParseInt(p.Timestamp, 10, 64)
	if err != nil || p.Nonce == "" {
		return oauth.Spending{}, false
	}
	return oauth.Spending{
		Key:     nonceKey(p.ConsumerKey, p.Token, p.Timestamp, p.Nonce),
		Attempt: attempt,
		Now:     now,
		Expires: time.Unix(seconds, 0).Add(window + time.Minute),
	}, true
}

// nonceKey hashes its parts with their lengths, so that no two lists of parts
// meet and no client makes a hot partition.
func nonceKey(parts ...string) oauth.SpendKey {
	var buffer [256]byte
	message := buffer[:0]
	for _, part := range parts {
		message = strconv.AppendInt(message, int64(len(part)), 10)
		message = append(append(message, ':'), part...)
	}
	return oauth.SpendKey{Kind: oauth.SpentNonce, Sum: sha256.Sum256(message)}
}
