package doctor

import (
	"crypto"
	"net/url"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// secretMistakes are about the key of the HMAC methods and the whole of
// PLAINTEXT (RFC 5849 §3.4.2, §3.4.4).
func secretMistakes(r *reading, right *draft) []mistake {
	if _, isRSA := hashOf(r.method); isRSA {
		return nil
	}
	id, token := r.get("oauth_consumer_key"), r.token
	all := []mistake{
		of("ampersand_left_out", "the key was made without the & between the two secrets", "join them with &, also where there is no token secret",
			func(d *draft) { d.join = "" }),
		of("token_secret_left_out", "the key was made without the token secret", "make it of client secret, & and token secret",
			func(d *draft) { d.token = oauth.Secret{} }),
		of("client_secret_left_out", "the key was made without the client secret", "make it of client secret, & and token secret",
			func(d *draft) { d.client = oauth.Secret{} }),
		of("secrets_swapped", "the token secret was put before the client secret", "make the key of client secret, & and token secret",
			func(d *draft) { d.client, d.token = d.token, d.client }),
		of("secrets_not_escaped", "the secrets were not percent-encoded", "encode each before they are joined", func(d *draft) { d.secret = asIs }),
		of("secrets_escaped_twice", "the secrets were percent-encoded twice", "encode each once",
			func(d *draft) { d.secret = func(text string) string { return oauth1.Escape(oauth1.Escape(text)) } }),
		of("secrets_form_encoded", "the secrets were encoded as browsers encode forms", "percent-encode them",
			func(d *draft) { d.secret = url.QueryEscape }),
		of("ampersand_escaped", "the & between the two secrets was percent-encoded", "encode each secret, and not the & between them",
			func(d *draft) { d.join = "%26" }),
		of("token_for_secret", "oauth_token was used in place of the token secret", "use the oauth_token_secret that came with it",
			func(d *draft) { d.token = oauth.NewSecret(token) }),
		of("key_for_secret", "oauth_consumer_key was used in place of the client secret", "use the client's secret",
			func(d *draft) { d.client = oauth.NewSecret(id) }),
	}
	if r.token == "" {
		all = append(all, of("token_secret_added", "a token secret was used without a token", "sign without one, or send the oauth_token",
			func(d *draft) { d.token = d.spare }))
	}
	return append(all, spaceMistakes()...)
}

// spaceMistakes are secrets that were copied with what is around them.
func spaceMistakes() (all []mistake) {
	for _, space := range []string{"\n", " ", "\r\n"} {
		all = append(all, of("secret_white_space", "the client secret has white space at its end", "cut it off",
			func(d *draft) { d.client = oauth.NewSecret(d.client.Reveal() + space) }),
			of("secret_white_space", "the token secret has white space at its end", "cut it off",
				func(d *draft) { d.token = oauth.NewSecret(d.token.Reveal() + space) }))
	}
	return all
}

// hashMistakes are about the signature method (RFC 5849 §3.4).
func hashMistakes(r *reading, right *draft) (all []mistake) {
	_, isRSA := hashOf(r.method)
	kind := "HMAC-"
	if isRSA {
		kind = "RSA-"
	}
	for _, hash := range hashes() {
		if hash != right.hash {
			all = append(all, ofHash("hash", "the request was signed with "+kind+hashName(hash)+", and says "+string(r.method),
				"name the method that signs", hash))
		}
	}
	if isRSA {
		return all
	}
	if right.hash != 0 {
		all = append(all, ofHash("plaintext_sent", "the signature is the secrets themselves, and oauth_signature_method says "+string(r.method),
			"sign with that method, and have the secrets replaced if they went over http", 0))
	}
	return append(all, of("hmac_swapped", "key and base string were given to the HMAC the wrong way round", "the key is made of the secrets, and the text is the base string",
		func(d *draft) { d.swapped = true }))
}

func ofHash(code, what, fix string, hash crypto.Hash) mistake {
	m := of(code, what, fix, func(d *draft) { d.hash = hash })
	m.field = "hash"
	return m
}
