package deployment

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/internal/oauth"
)

// binding is how sessions are bound, of clients that do not say.
func (e *environment) binding(to, onMismatch string) oauth.BindingPolicy {
	return oauth.BindingPolicy{
		To:         choice(e, to, oauth.BindNone, oauth.Bindings()),
		OnMismatch: choice(e, onMismatch, oauth.KillToken, oauth.OnMismatches()),
	}
}

// choice is one of known. What is none of them is a fault and not the default,
// which may be less than what was meant.
func choice[T ~string](e *environment, name string, otherwise T, known []T) T {
	value := T(e.get(name))
	switch {
	case value == "":
		return otherwise
	case slices.Contains(known, value):
		return value
	}
	names := make([]string, len(known))
	for i := range known {
		names[i] = string(known[i])
	}
	e.fault(name, fmt.Sprintf("takes one of %s, not %q", strings.Join(names, ", "), value))
	return otherwise
}

// mostIdle is what the pattern of template.yaml lets through: eight digits.
const mostIdle = 99999999 * time.Second

// leastIdle leaves a session time to be used at all, and its extension, made at
// most once in half of it, seldom.
const leastIdle = time.Minute

// idle is the seconds after which a session that is not used ends; 0 is never.
func (e *environment) idle(name string) time.Duration {
	idle := e.seconds(name, 0, 0, mostIdle)
	if idle > 0 && idle < leastIdle {
		e.fault(name, fmt.Sprintf("takes 0 for never, or a whole number of seconds from %d, not %q", leastIdle/time.Second, e.get(name)))
	}
	return idle
}
