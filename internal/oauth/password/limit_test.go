package password

import (
	"math"
	"net/http"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

func TestDelays(t *testing.T) {
	for name, test := range map[string]struct {
		limit limit
		free  int
		then  []int // seconds
	}{
		"pair":                     {pairLimit(1), 10, []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}},
		"pair, user tried often":   {pairLimit(50), 10, []int{1, 2}},
		"pair, user attacked":      {pairLimit(51), 3, []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}},
		"pair, and still":          {pairLimit(200), 3, []int{1, 2}},
		"pair, user besieged":      {pairLimit(201), 1, []int{4, 8, 16, 32, 64, 128, 256, 300, 300}},
		"pair, user without count": {pairLimit(math.MaxInt), 1, []int{4, 8}},
		"address":                  {addressLimit(), 100, []int{1, 2, 4, 8, 16, 30, 30}},
	} {
		for _, try := range []int{math.MinInt, -1, 0, 1, test.free} {
			if got := test.limit.delay(try); got != 0 {
				t.Errorf("%s: try %d waits %v", name, try, got)
			}
		}
		for i, seconds := range test.then {
			if got := test.limit.delay(test.free + 1 + i); got != time.Duration(seconds)*time.Second {
				t.Errorf("%s: try %d waits %v, want %d s", name, test.free+1+i, got, seconds)
			}
		}
		for _, try := range []int{1 << 20, 1 << 40, math.MaxInt} {
			if got := test.limit.delay(try); got != test.limit.longest {
				t.Errorf("%s: try %d waits %v, want %v", name, try, got, test.limit.longest)
			}
		}
	}
}

// However many tries there are for a user, the first of a pair is free.
func TestFirstTryOfAPairIsFree(t *testing.T) {
	for _, tries := range []int{0, 1, 50, 51, 200, 201, 1 << 30, math.MaxInt} {
		if got := pairLimit(tries).delay(1); got != 0 {
			t.Errorf("after %d tries for the user it waits %v", tries, got)
		}
	}
}

func TestTooSoon(t *testing.T) {
	at := func(d time.Duration) oauth.Tries { return oauth.Tries{Count: 12, Previous: instant.Add(d)} }
	for name, test := range map[string]struct {
		tries oauth.Tries
		want  bool
	}{
		"free":                 {oauth.Tries{Count: 10, Previous: instant}, false},
		"first of all":         {oauth.Tries{Count: 1}, false},
		"at once":              {at(0), true},
		"a moment before time": {at(-2*time.Second + 1), true},
		"in time":              {at(-2 * time.Second), false},
		"the clock went back":  {at(time.Hour), true},
	} {
		if got := pairLimit(1).tooSoon(test.tries, instant); got != test.want {
			t.Errorf("%s: too soon %v, want %v", name, got, test.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	counted := func(pair, user, address int) *tally {
		of := func(n int) counter { return counter{Tries: oauth.Tries{Count: n, Previous: instant}} }
		return &tally{of(pair), of(user), of(address)}
	}
	const ofPair, ofAddress = "for this user from this address", "from this address"
	for name, test := range map[string]struct {
		tally *tally
		wait  int // seconds; 0: judged
		whose string
	}{
		"first":                            {counted(1, 1, 1), 0, ""},
		"last free one":                    {counted(10, 50, 100), 0, ""},
		"pair":                             {counted(11, 11, 11), 2, ofPair},
		"user's next try counts too":       {counted(11, 50, 11), 256, ofPair},
		"user attacked":                    {counted(4, 51, 4), 2, ofPair},
		"user besieged":                    {counted(2, 201, 2), 8, ofPair},
		"first try of the besieged":        {counted(1, 1<<40, 1), 0, ""},
		"user is never refused":            {counted(1, math.MaxInt-1, 100), 0, ""},
		"address":                          {counted(1, 1, 101), 2, ofAddress},
		"address, at most":                 {counted(1, 1, 1<<40), 30, ofAddress},
		"pair, and the address next":       {counted(11, 11, 104), 16, ofPair},
		"address, and the pair next":       {counted(10, 10, 101), 2, ofAddress},
		"address, and the besieged next":   {counted(1, 201, 101), 4, ofAddress},
		"the longest":                      {counted(math.MaxInt-1, math.MaxInt-1, math.MaxInt-1), 300, ofPair},
		"pair of the longest waits longer": {counted(19, 19, 110), 300, ofPair},
	} {
		got := test.tally.refusal(instant)
		if (got == nil) != (test.wait == 0) {
			t.Errorf("%s: %+v, want a wait of %d s", name, got, test.wait)
			continue
		}
		if got == nil {
			continue
		}
		want := time.Duration(test.wait) * time.Second
		if text := "too many tries " + test.whose + "; wait"; got.Status != http.StatusTooManyRequests || got.Code != oauth.SlowDown ||
			got.RetryAfter != want || len(got.Description) < len(text) || got.Description[:len(text)] != text {
			t.Errorf("%s: %+v, want %v and %q", name, got, want, text)
		}
	}
}
