package password

import (
	"fmt"
	"net/http"
	"time"

	"gatehouse/internal/oauth"
)

// A try is counted three times: for its user and address together, for the user
// whatever the address, and for the address whatever the user.
//
// The pair is what refuses, so that a stranger who guesses elsewhere never
// turns the user away. Many addresses at one user only make each pair stricter:
// the first try from an address that was not there yet is always judged. Many
// users at one address, which is how stolen lists of passwords are tried, make
// that address wait, for less long since there may be many people behind it.

// limit is how one counter slows down.
type limit struct {
	free    int           // tries that do not wait
	first   time.Duration // what the next one waits; each after it twice as long
	longest time.Duration
}

// delay is how long a try must wait after the one before it.
func (l limit) delay(try int) time.Duration {
	if try <= l.free {
		return 0
	}
	wait := l.first
	for further := try - l.free - 1; further > 0 && wait < l.longest; further-- {
		wait *= 2
	}
	return min(wait, l.longest)
}

// tooSoon reports whether a try comes before its time. Where the clock went
// back since the try before, it counts as that very moment: the try that is
// turned away has set the time right.
func (l limit) tooSoon(t oauth.Tries, now time.Time) bool {
	wait := l.delay(t.Count)
	return wait > 0 && now.Before(t.Previous.Add(wait))
}

// takesBack reports whether a right sign-in undoes its own count: not below half
// of what is free, to save the write.
func (l limit) takesBack(t oauth.Tries) bool { return t.Count > l.free/2 }

// keepPair is how long a pair's counter is kept after it was last raised: much
// longer than the longest delay, or waiting for its end would get a guesser
// further than waiting as told.
const keepPair = 24 * time.Hour

// window is how long users and addresses are counted for at a time. Where people
// come and go all day, a counter that each of them raises would never end by
// itself.
const window = 15 * time.Minute

// Tries for one user, in a window, from all addresses.
const (
	attacked = 50  // more than a forgetful user makes
	besieged = 200 // by many addresses
)

// userLimit only says when tries are taken back: nobody waits for what others do.
func userLimit() limit { return limit{free: attacked} }

// addressLimit is of one address in a window.
func addressLimit() limit { return limit{free: 100, first: time.Second, longest: 30 * time.Second} }

// pairLimit is of one user from one address, while there are so many tries for
// the user from anywhere.
func pairLimit(userTries int) limit {
	switch {
	case userTries > besieged:
		return limit{free: 1, first: 4 * time.Second, longest: 5 * time.Minute}
	case userTries > attacked:
		return limit{free: 3, first: time.Second, longest: 5 * time.Minute}
	}
	return limit{free: 10, first: time.Second, longest: 5 * time.Minute}
}

// refusal is of a try that comes too soon; nil for one that is to be judged.
// RetryAfter is right unless others of the address try meanwhile: this try is
// the one that the next waits for, and counts for its limits as well.
func (t *tally) refusal(now time.Time) *oauth.Error {
	user, address := t.user.Count, addressLimit()
	byPair, byAddress := pairLimit(user).tooSoon(t.pair.Tries, now), address.tooSoon(t.address.Tries, now)
	if !byPair && !byAddress {
		return nil
	}
	wait := max(pairLimit(user+1).delay(t.pair.Count+1), address.delay(t.address.Count+1))
	whose := "from this address"
	if byPair {
		whose = "for this user from this address"
	}
	return &oauth.Error{Status: http.StatusTooManyRequests, Code: oauth.SlowDown, RetryAfter: wait, Act: oauth.ActSignInRefused,
		Description: fmt.Sprintf("too many tries %s; wait %.0f seconds", whose, wait.Seconds())}
}
