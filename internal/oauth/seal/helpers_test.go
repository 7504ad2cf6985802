package seal

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

var (
	instant = time.Date(2035, 1, 2, 3, 4, 5, 600_000_000, time.UTC)
	session = oauth.SessionID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255}
)

func kinds() []Kind { return []Kind{AccessToken, RefreshToken, OAuth1Token} }

// keyText is the text of the key called id.
func keyText(id int) string { return strings.Repeat(fmt.Sprintf("key-%d-", id), 8) }

// newKeyring holds the keys called ids, of which the last is current.
func newKeyring(t testing.TB, ids ...int) *Keyring {
	t.Helper()
	fields := make([]string, len(ids))
	for i, id := range ids {
		fields[i] = fmt.Sprintf(`"%d":%q`, id, keyText(id))
	}
	text := fmt.Sprintf(`{"current":"%d",%s}`, ids[len(ids)-1], strings.Join(fields, ","))
	keys, err := ParseKeyring([]byte(text))
	if err != nil {
		t.Fatalf("ParseKeyring(%s): %v", text, err)
	}
	return keys
}

// swapped returns text with another base64url character at i, for each.
func swapped(text string, i int) []string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	var all []string
	for _, c := range alphabet {
		if text[i] != byte(c) {
			all = append(all, text[:i]+string(c)+text[i+1:])
		}
	}
	return all
}

// misspelt returns what a decoder may take for text but is not.
func misspelt(text string) []string {
	half := len(text) / 2
	return []string{"", text + "=", text + "==", text + "A", text[:len(text)-1], text[1:], " " + text, text + " ", text + "\n", "\r\n" + text,
		text[:half] + "\n" + text[half:], text[:half] + "\r\n" + text[half+2:], text[:half] + "\n" + text[half+1:],
		text[:half] + "+" + text[half+1:], text[:half] + "/" + text[half+1:], text[:half] + "%2D" + text[half+1:],
		text[:half] + "\x00" + text[half+1:], text[:half] + "é" + text[half+2:], strings.ToUpper(text), text + text}
}
