package stress

import "time"

// want is what must become of a request, as far as is known.
type want int

const (
	either want = iota
	allow
	refuse
)

// both is what must become of a request that two things are wanted of.
func both(a, b want) want {
	switch {
	case a == refuse || b == refuse:
		return refuse
	case a == allow && b == allow:
		return allow
	}
	return either
}

// wantPlace is what must become of a token that was shown at a place: a session
// is bound to where its newest generation was asked for, whichever that is.
func (a app) wantPlace(before, after view, at place) want {
	same, other := true, true
	for i := before.top(); i < len(after.steps); i++ {
		now := after.steps[i]
		is, sure := a.same(now.place, at), !now.mixed && (i >= len(before.steps) || now.sameAs(before.steps[i]))
		same, other = same && is && sure, other && !is && sure
	}
	switch {
	case same:
		return allow
	case other:
		return refuse
	}
	return either
}

// wantFresh is what must become of a proof or signature that was made at.
func (t terms) wantFresh(at, from, to time.Time) want {
	switch {
	case from.After(at.Add(t.window + slack)):
		return refuse
	case to.Before(at.Add(t.window - slack)):
		return allow
	}
	return either
}

// wantAccess is what must become of an access token of generation g that was
// shown between from and to; before and after is what was known then.
func (t terms) wantAccess(before, after view, g int, from, to time.Time) want {
	began := before.steps[g]
	replacedAt := func(v view) (step, bool) {
		if g+1 < len(v.steps) {
			return v.steps[g+1], true
		}
		return step{}, false
	}
	old, replaced := replacedAt(before)
	switch {
	case before.over || before.killed >= g || from.After(began.acked.Add(t.access+slack)):
		return refuse
	case before.top() > g+1 || replaced && !old.acked.IsZero() && from.After(old.acked.Add(t.grace+slack)):
		return refuse
	case after.ending || after.killing >= g || !to.Before(began.asked.Add(t.access-slack)) || !to.Before(before.alive.Add(-slack)):
		return either
	}
	next, replaced := replacedAt(after)
	if replaced && (len(after.steps) > g+2 || !to.Before(next.asked.Add(t.grace-slack))) {
		return either
	}
	return allow
}

// wantRenewal is what must become of a refresh token of generation g.
func (t terms) wantRenewal(before, after view, g int, from, to time.Time) want {
	stale := before.top() > g+1
	if g+1 < len(before.steps) && !before.steps[g+1].acked.IsZero() {
		stale = stale || from.After(before.steps[g+1].acked.Add(t.grace+slack))
	}
	switch {
	case before.over || stale || before.renewing == 0 && from.After(before.touched.Add(t.session+slack)):
		return refuse
	case after.ending || !to.Before(before.steps[g].asked.Add(t.session-slack)) || !to.Before(before.alive.Add(-slack)):
		return either
	}
	return allow
}

// wantSigned is what must become of a signed request, but for its nonce and
// timestamp.
func (t terms) wantSigned(before, after view, from, to time.Time) want {
	switch {
	case before.over || before.killed >= 0 || from.After(before.steps[0].acked.Add(t.oauth1+slack)):
		return refuse
	case after.ending || after.killing >= 0 || !to.Before(before.steps[0].asked.Add(t.oauth1-slack)) || !to.Before(before.alive.Add(-slack)):
		return either
	}
	return allow
}
