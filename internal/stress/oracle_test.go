package stress

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// complaint is a promise that was broken.
type complaint string

const (
	replayed  complaint = "what works once was accepted twice"
	refused   complaint = "an honest request was refused"
	undone    complaint = "what was ended was accepted"
	unchecked complaint = "something was accepted that the engine did not answer for"
	unfounded complaint = "a request failed where nothing went wrong"
	late      complaint = "an answer came after the function's time"
	different complaint = "a refresh gave other tokens than its generation's"
	unlisted  complaint = "a list of sessions is wrong"
)

// oracle gathers complaints and figures.
type oracle struct {
	mu         sync.Mutex
	complaints map[complaint]int
	examples   []string
	figures    map[string]*figure
	longest    time.Duration
	slowest    string
}

// figure is how requests of one kind were answered.
type figure struct{ accepted, refused, failed int }

func newOracle() *oracle {
	return &oracle{complaints: map[complaint]int{}, figures: map[string]*figure{}}
}

// complain notes a broken promise.
func (o *oracle) complain(c complaint, format string, values ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.complaints[c]++; o.complaints[c] <= 3 {
		o.examples = append(o.examples, string(c)+": "+fmt.Sprintf(format, values...))
	}
}

// count adds a request to the figures.
func (o *oracle) count(kind string, a answer, took time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.figures[kind] == nil {
		o.figures[kind] = &figure{}
	}
	switch f := o.figures[kind]; {
	case a.failed():
		f.failed++
	case a.ok():
		f.accepted++
	default:
		f.refused++
	}
	if took > o.longest {
		o.longest, o.slowest = took, kind
	}
}

// figure is how requests of a kind were answered so far.
func (o *oracle) figure(kind string) figure {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f := o.figures[kind]; f != nil {
		return *f
	}
	return figure{}
}

// report lists the figures by kind.
func (o *oracle) report() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var text strings.Builder
	var all figure
	line := func(name string, f figure) {
		fmt.Fprintf(&text, "%-36s %8d %8d %8d %8d\n", name, f.accepted+f.refused+f.failed, f.accepted, f.refused, f.failed)
	}
	fmt.Fprintf(&text, "%-36s %8s %8s %8s %8s\n", "request", "all", "accepted", "refused", "5xx")
	for _, kind := range slices.Sorted(maps.Keys(o.figures)) {
		f := *o.figures[kind]
		line(kind, f)
		all = figure{all.accepted + f.accepted, all.refused + f.refused, all.failed + f.failed}
	}
	line("all", all)
	fmt.Fprintf(&text, "longest answer: %v (%s)\n", o.longest.Round(time.Millisecond), o.slowest)
	return text.String()
}

// single is something that works once. sure is whether nothing but an earlier
// use could have it refused.
type single struct {
	mu                            sync.Mutex
	sent, ended, accepted, failed int
}

// begin notes that a request uses it.
func (s *single) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent++
}

// end notes the answer and returns what is wrong with it, if anything: of all
// requests that used it one at most may be accepted, and one must be when it
// was sure to work and nothing failed.
func (s *single) end(a answer, sure bool) complaint {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended++
	switch {
	case a.failed():
		s.failed++
	case a.ok():
		s.accepted++
	}
	switch {
	case a.ok() && s.accepted > 1:
		return replayed
	case sure && s.ended == s.sent && s.accepted == 0 && s.failed == 0:
		return refused
	}
	return ""
}

// answered reports whether a request that used it was accepted or refused, so
// that what is spent by either is spent.
func (s *single) answered() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended > s.failed
}

// uses returns how many requests have used it so far.
func (s *single) uses() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}
