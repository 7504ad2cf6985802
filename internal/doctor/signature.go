package doctor

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// form is one way to read the oauth_signature that was sent.
type form struct {
	text  string // as PLAINTEXT
	raw   []byte // as any other, nil when it is not to be read so
	wrong *Finding
}

func base64Std(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }

// readSignature reads a signature in the right form first, and then as the
// mistakes have it that are made after signing.
func readSignature(text string) []form {
	right := form{text: text}
	if raw, err := base64.StdEncoding.DecodeString(text); err == nil && base64Std(raw) == text {
		right.raw = raw
	}
	forms := []form{right}
	for _, wrong := range misread(text) {
		if wrong.raw != nil || wrong.text != "" {
			forms = append(forms, wrong)
		}
	}
	return forms
}

func misread(text string) []form {
	return []form{
		resent(text, unescaped(text), "signature_escaped_twice", "oauth_signature was percent-encoded twice", "encode it once, when the header is written"),
		resent(text, strings.ReplaceAll(text, " ", "+"), "signature_not_escaped", "oauth_signature was sent without percent-encoding: its + became a space", "encode it"),
		resent(text, strings.Join(strings.Fields(text), ""), "signature_white_space", "oauth_signature has line breaks or spaces in it", "use a base64 encoder that breaks no lines"),
		decoded(base64.URLEncoding.DecodeString, text, "signature_base64url", "oauth_signature is in the base64 of URLs, with - and _", "use standard base64, with + and /"),
		decoded(base64.RawStdEncoding.DecodeString, text, "signature_unpadded", "oauth_signature lacks the = at its end", "use padded base64"),
		decoded(base64.RawURLEncoding.DecodeString, text, "signature_base64url", "oauth_signature is in the base64 of URLs, unpadded", "use standard base64, padded"),
		decoded(hex.DecodeString, text, "signature_hex", "oauth_signature is in hexadecimal", "write the bytes of the HMAC in base64"),
		decoded(hexOfBase64, text, "signature_hex", "oauth_signature is base64 of the hexadecimal digits", "write the bytes of the HMAC in base64"),
	}
}

// resent is a signature that was changed on its way.
func resent(sent, meant, code, what, fix string) form {
	raw, err := base64.StdEncoding.DecodeString(meant)
	switch {
	case sent == meant:
		return form{}
	case err != nil:
		raw = nil
	}
	return form{meant, raw, &Finding{code, what, fix}}
}

// decoded is a signature that was written in another encoding. What is also in
// the right one is not.
func decoded(decode func(string) ([]byte, error), text, code, what, fix string) form {
	raw, err := decode(text)
	if err != nil || len(raw) == 0 || base64Std(raw) == text {
		return form{}
	}
	return form{raw: raw, wrong: &Finding{code, what, fix}}
}

func hexOfBase64(text string) ([]byte, error) {
	digits, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(string(digits))
}
