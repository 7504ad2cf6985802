package sample

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"

	"gatehouse/internal/oauth"
)

// Session is the nth of many, each of another user. Its id is as random as one
// that was drawn.
func Session(n int, protocol oauth.Protocol, now time.Time) oauth.Session {
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], uint64(n)) // #nosec G115 -- it is not negative
	sum := sha256.Sum256(number[:])
	name, end := "user-"+strconv.Itoa(n), now.Add(365*24*time.Hour)
	return oauth.Session{ID: oauth.SessionID(sum[:16]), Protocol: protocol, Client: ClientID, User: name, UserName: name,
		Scope: []string{"read"}, Created: now, Renewed: now, Expires: end, AccessExpires: end}.Kept()
}
