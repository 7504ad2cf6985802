package deployment

import (
	"sync"
	"time"

	"gatehouse/internal/doctor"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// Bounds on what a stranger who knows a client's id can make a function do:
// some milliseconds of work, a few times a second.
const (
	diagnosesPerSecond = 3
	diagnosisLimit     = 1000 // signatures tried
)

// diagnoses says for the log what is wrong with signatures, as often as the
// bounds allow.
type diagnoses struct {
	window time.Duration

	mu     sync.Mutex
	second int64
	count  int
}

// of is for clientauth.Authenticator.Diagnose.
func (d *diagnoses) of(r *oauth.Request, client *oauth.Client, key oauth1.Key, now time.Time) string {
	if !d.admit(now) {
		return ""
	}
	diagnosis := doctor.Diagnose(doctor.Case{Request: r, Client: *client, Known: true, Key: key, Now: now,
		Window: d.window, Limit: diagnosisLimit})
	if diagnosis.Right() {
		return ""
	}
	return diagnosis.Line()
}

func (d *diagnoses) admit(now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now.Unix() != d.second {
		d.second, d.count = now.Unix(), 0
	}
	d.count++
	return d.count <= diagnosesPerSecond
}
