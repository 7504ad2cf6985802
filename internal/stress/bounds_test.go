package stress

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/dynamodb/faulttest"
)

// usually is how often a load of so many things as make faults does has requests
// of each kind accepted, and refused where that is what they are for.
var usually = map[string]figure{
	"as Bearer: session":                     {refused: 100},
	"as Bearer: token":                       {refused: 300},
	"bearer check":                           {accepted: 3100, refused: 8700},
	"by another User-Agent: reject":          {refused: 200},
	"by another User-Agent: session":         {refused: 100},
	"by another User-Agent: token":           {refused: 300},
	"by another key: session":                {refused: 100},
	"by another key: token":                  {refused: 200},
	"check by address":                       {accepted: 600, refused: 1800},
	"check by agent":                         {accepted: 400, refused: 1600},
	"check by agent+address":                 {accepted: 900, refused: 1900},
	"check by agent+network":                 {accepted: 500, refused: 1800},
	"check by network":                       {accepted: 500, refused: 1500},
	"check with a proof":                     {accepted: 2100, refused: 8100},
	"client credentials":                     {accepted: 1000},
	"client credentials, a proof":            {accepted: 200, refused: 100},
	"code":                                   {accepted: 6900, refused: 2100},
	"code again":                             {refused: 1300},
	"end of all sessions":                    {accepted: 500},
	"end of one session":                     {accepted: 500},
	"forged proof":                           {refused: 6400},
	"from another place: reject":             {refused: 200},
	"from another place: session":            {refused: 100},
	"from another place: token":              {refused: 800},
	"introspection":                          {accepted: 2900},
	"junk":                                   {refused: 15000},
	"junk refresh":                           {refused: 7800},
	"list":                                   {accepted: 1300},
	"password":                               {accepted: 500},
	"proof again":                            {refused: 1100},
	"refresh":                                {accepted: 7700},
	"refresh again":                          {accepted: 2400},
	"refresh by another User-Agent: reject":  {refused: 100},
	"refresh by another User-Agent: session": {refused: 100},
	"refresh by another User-Agent: token":   {refused: 100},
	"refresh by another key: session":        {refused: 100},
	"refresh by another key: token":          {refused: 200},
	"refresh of what was revoked":            {refused: 800},
	"refresh with a proof":                   {accepted: 1400},
	"refresh with one proof":                 {accepted: 600, refused: 700},
	"refresh without a proof: session":       {refused: 90},
	"refresh without a proof: token":         {refused: 200},
	"refresh, its proof again":               {refused: 1300},
	"revocation":                             {accepted: 2000},
	"signature again":                        {refused: 5400},
	"signed check":                           {accepted: 9600, refused: 14000},
	"signed revocation":                      {accepted: 700},
	"stale refresh":                          {refused: 1100},
	"temporary credentials":                  {accepted: 2100, refused: 600},
	"token exchange":                         {accepted: 400},
	"token exchange, a proof":                {accepted: 300},
	"verifier":                               {accepted: 5400, refused: 1700},
	"verifier again":                         {refused: 1200},
	"xAuth":                                  {accepted: 600},
}

// usuallyDeleted is what such a load deletes of what has expired.
var usuallyDeleted = deletions{sessions: 8000, spendings: 50000}

// atLeast is what a load must have of what it is expected to have so often: half,
// less what chance may take of it.
func atLeast(expected float64) int {
	least := int(expected/2 - 3*math.Sqrt(expected))
	if expected >= 20 {
		return max(least, 1)
	}
	return max(least, 0)
}

// lacks lists what a load of so many things should have had more of, so that one
// which does little is not taken for one where nothing went wrong.
func (l *load) lacks(done int, deleted deletions) (short []string) {
	check := func(what string, got, least int) {
		if got < least {
			short = append(short, fmt.Sprintf("%s: %d, want %d at least", what, got, least))
		}
	}
	share := float64(done) / things
	for _, kind := range slices.Sorted(maps.Keys(usually)) {
		got, want := l.figure(kind), usually[kind]
		check(kind+", accepted", got.accepted, atLeast(share*float64(want.accepted)))
		check(kind+", refused", got.refused, atLeast(share*float64(want.refused)))
	}
	if done == things { // in a shorter load the clock may not come far enough
		check("sessions deleted", deleted.sessions, atLeast(float64(usuallyDeleted.sessions)))
		check("spendings deleted", deleted.spendings, atLeast(float64(usuallyDeleted.spendings)))
	}
	counts, all := l.layer.Counts()
	for _, fault := range faulttest.All() {
		expected := usual[fault] * float64(all)
		if fault == faulttest.Behind {
			expected *= readsOfAll
		}
		check(string(fault), counts[fault], max(atLeast(expected), 1))
	}
	return short
}

// readsOfAll is about the share of requests that are reads which may be behind.
const readsOfAll = .3

// A load that does nothing has too little of everything.
func TestIdleness(t *testing.T) {
	idle := &load{oracle: newOracle(), layer: &faulttest.Layer{}}
	for _, done := range []int{things, someThings} {
		short := strings.Join(idle.lacks(done, deletions{}), "\n")
		for _, fault := range faulttest.All() {
			if !strings.Contains(short, string(fault)) {
				t.Errorf("%d things: %s is not missed", done, fault)
			}
		}
	}
	short := "\n" + strings.Join(idle.lacks(things, deletions{}), "\n")
	for kind := range usually {
		if !strings.Contains(short, "\n"+kind+", ") {
			t.Errorf("%s is not missed", kind)
		}
	}
	for _, deleted := range []string{"sessions deleted", "spendings deleted"} {
		if !strings.Contains(short, deleted) {
			t.Errorf("%s are not missed", deleted)
		}
	}
}
