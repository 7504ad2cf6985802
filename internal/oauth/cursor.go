package oauth

import (
	"encoding/base64"
	"encoding/binary"
	"time"
)

// Cursor is a place in the list of a user's sessions: after this one.
type Cursor struct {
	Created time.Time // to the millisecond
	ID      SessionID
}

const cursorSize = 8 + len(SessionID{})

// String returns the cursor as 32 characters of base64url.
func (c Cursor) String() string {
	raw := binary.BigEndian.AppendUint64(make([]byte, 0, cursorSize), uint64(c.Created.UnixMilli()))
	return base64.RawURLEncoding.EncodeToString(append(raw, c.ID[:]...))
}

// ParseCursor is the inverse of String. ErrNotFound when s is not a cursor.
func ParseCursor(s string) (Cursor, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != cursorSize || hasLineBreak(s) {
		return Cursor{}, ErrNotFound
	}
	created := time.UnixMilli(int64(binary.BigEndian.Uint64(raw))).UTC() // #nosec G115 -- what String wrote of an int64; another only lists from elsewhere
	return Cursor{Created: created, ID: SessionID(raw[8:])}, nil
}

// KeyCursor is the place after key in a list of keys, as base64url.
func KeyCursor(key string) string { return base64.RawURLEncoding.EncodeToString([]byte(key)) }

// ParseKeyCursor is the inverse of KeyCursor. ErrNotFound when s is not of it.
func ParseKeyCursor(s string) (string, error) {
	key, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(key) == 0 || hasLineBreak(s) {
		return "", ErrNotFound
	}
	return string(key), nil
}
