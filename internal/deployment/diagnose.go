package deployment

import (
	"sync"
	"time"

	"gatehouse/internal/doctor"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// Bounds on what a stranger who knows a client's id can make a function do, a
// few times a second: 12 to 120 ms of work for a small request, as busy as the
// machine is. Each signature costs more for a larger one.
const (
	diagnosesPerSecond = 3
	diagnosisLimit     = 1000     // signatures tried
	diagnosisBody      = 64 << 10 // bytes
)

// diagnoses says for the log what is wrong with signatures, where the bounds
// allow it.
type diagnoses struct {
	window time.Duration

	mu     sync.Mutex
	second int64
	count  int
}

// of is for clientauth.Authenticator.Diagnose. It is empty where nothing is
// diagnosed.
func (d *diagnoses) of(r *oauth.Request, client *oauth.Client, key oauth1.Key, now time.Time) string {
	if len(r.Body) > diagnosisBody || !d.admit(now) {
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
