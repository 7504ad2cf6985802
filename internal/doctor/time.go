package doctor

import (
	"fmt"
	"strconv"
	"time"

	"gatehouse/internal/oauth"
)

// timeFindings are about timestamp and nonce (RFC 5849 §3.3).
func (r *reading) timeFindings() (findings []Finding) {
	if finding := r.clockFinding(); finding != nil {
		findings = append(findings, *finding)
	}
	if r.c.NonceSeen {
		findings = append(findings, Finding{"nonce_used", "this oauth_nonce was used before with this timestamp",
			"make a new random one, and sign again, for every request and every retry"})
	}
	return findings
}

func (r *reading) clockFinding() *Finding {
	if r.timestamp == "" {
		return nil // it is absent
	}
	sent, err := strconv.ParseInt(r.timestamp, 10, 64)
	if err != nil || sent <= 0 || r.timestamp[0] == '+' {
		return &Finding{"timestamp_format", fmt.Sprintf("oauth_timestamp is %q", oauth.Printable(r.timestamp)),
			"send the whole seconds since 1 January 1970 UTC"}
	}
	now := r.c.Now.Unix()
	if near(sent, now, r.c.Window) {
		return nil
	}
	if near(sent/1000, now, r.c.Window) {
		return &Finding{"timestamp_unit", "oauth_timestamp is in milliseconds", "send seconds"}
	}
	return &Finding{"clock", fmt.Sprintf("the timestamp is %s the server's clock, and %s are allowed", apart(sent, now), r.c.Window),
		"set the clock of the device, or correct it by the Date header of answers"}
}

func near(a, b int64, window time.Duration) bool {
	limit := int64(window / time.Second)
	return a-b <= limit && b-a <= limit
}

// apart says how far sent is from now, both in epoch seconds. What is beyond
// a century is not worth a number.
func apart(sent, now int64) string {
	const century = 100 * 365 * 24 * time.Hour
	side, seconds := "behind", now-sent
	if seconds < 0 {
		side, seconds = "ahead of", -seconds
	}
	if seconds > int64(century/time.Second) || seconds < 0 {
		return "more than a century " + side
	}
	distance := time.Duration(seconds) * time.Second
	if days := distance / (24 * time.Hour); days > 1 {
		return fmt.Sprintf("%d days %s", days, side)
	}
	return distance.String() + " " + side
}
