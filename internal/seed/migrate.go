package seed

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

const maxLinked = 20

// checkLinked: whether the linked clients exist is not asked, since one may
// be created before or after the other.
func (c *Client) checkLinked() error {
	if len(c.LinkedClients) > maxLinked {
		return fault("linked_clients", "takes at most %d", maxLinked)
	}
	for i, id := range c.LinkedClients {
		at := fmt.Sprintf("linked_clients[%d]", i)
		switch {
		case id == "" || len(id) > maxID || !visible(id):
			return fault(at, "takes the id of a client: 1 to %d characters of printable ASCII", maxID)
		case id == c.ID:
			return fault(at, "%q is the client itself, which needs no link", id)
		case slices.Contains(c.LinkedClients[:i], id):
			return fault(at, "%q is there twice", id)
		}
	}
	return nil
}

func (c *Client) checkSunset() error {
	if _, err := parseSunset(c.Sunset); err != nil {
		return fault("oauth1_sunset", "takes a date such as 2027-01-31, which ends OAuth 1.0 as it begins in UTC, or a time such as 2027-01-31T12:00:00Z (RFC 3339), not %q", c.Sunset)
	}
	return nil
}

var errSunset = errors.New("it is no date and no time, or one before 1970")

// parseSunset reads a date, which stands for its begin in UTC, or a time; the
// zero time when text is empty. What a store can't tell from never is refused.
func parseSunset(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		sunset, err := time.Parse(layout, text)
		if err == nil && sunset.Unix() > 0 {
			return sunset, nil
		}
	}
	return time.Time{}, errSunset
}
