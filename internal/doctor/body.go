package doctor

import (
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// bodyHashFinding is about oauth_body_hash, which stands for a body that is no
// form (the Request Body Hash extension).
func (r *reading) bodyHashFinding() *Finding {
	q := r.c.Request
	has := slices.ContainsFunc(r.params, func(p param) bool { return p.Name == "oauth_body_hash" })
	sent := r.get("oauth_body_hash")
	hash, _ := hashOf(r.method)
	if hash == 0 {
		hash = crypto.SHA1
	}
	switch {
	case !has || !q.BodySeen:
		return nil
	case q.IsForm():
		return &Finding{"body_hash_of_form", "oauth_body_hash is sent with a form-encoded body, whose parameters are signed", "leave it out"}
	case sent == base64Of(hash, q.Body):
		return nil
	case sent == base64Of(hash, nil):
		return &Finding{"body_hash_empty", "oauth_body_hash is that of an empty body", "hash the body as it is sent"}
	case strings.EqualFold(sent, hex.EncodeToString(sum(hash, q.Body))):
		return &Finding{"body_hash_hex", "oauth_body_hash is written in hexadecimal", "write the bytes of the hash in base64"}
	case sent == strings.TrimRight(base64Of(hash, q.Body), "="):
		return &Finding{"body_hash_unpadded", "oauth_body_hash lacks the = at its end", "write it in padded base64"}
	case slices.ContainsFunc(hashes(), func(other crypto.Hash) bool { return sent == base64Of(other, q.Body) }):
		return &Finding{"body_hash_algorithm", "oauth_body_hash is of another hash than the signature method's", "use " + hashName(hash)}
	}
	return &Finding{"body_hash", "oauth_body_hash does not fit the body", "hash the bytes of the body as they are sent, with " + hashName(hash)}
}

func base64Of(hash crypto.Hash, body []byte) string {
	return base64.StdEncoding.EncodeToString(sum(hash, body))
}

func sum(hash crypto.Hash, text []byte) []byte {
	h := hash.New()
	h.Write(text)
	return h.Sum(nil)
}

// hashes are those that signature methods use.
func hashes() []crypto.Hash { return []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA512} }

// hashName is the name of a hash within that of a signature method.
func hashName(hash crypto.Hash) string { return strings.Replace(hash.String(), "-", "", 1) }
