package main

import "slices"

// units is what an operation takes of the tables. A read is what AWS calls a
// read request unit, a write a write request unit.
type units struct {
	sessionReads, sessionWrites float64 // of SessionsTable
	indexWrites                 float64 // of its index by user
	replayWrites                float64 // of ReplayTable
	registryReads               float64 // of RegistryTable
}

// operation is one that the flow tests count: the sums of its units are those of
// internal/flowtest, which a test holds.
type operation struct {
	name string
	units
}

func operations() []operation {
	return []operation{
		{"bearer check", units{sessionReads: 0.5}},
		{"bearer check of junk", units{}},
		{"OAuth 1.0 check", units{sessionReads: 0.5, replayWrites: 1}},
		{"DPoP check", units{sessionReads: 0.5, replayWrites: 1}},
		{"password", units{sessionWrites: 1, indexWrites: 1, replayWrites: 3, registryReads: 1}},
		{"xAuth", units{sessionWrites: 1, indexWrites: 1, replayWrites: 4, registryReads: 1}},
		{"wrong password", units{replayWrites: 3, registryReads: 1}},
		{"refresh", units{sessionWrites: 1}},
		{"code", units{sessionWrites: 1, indexWrites: 1, replayWrites: 1}},
	}
}

// part is a share of a mix, of 1.
type part struct {
	operation string
	share     float64
}

// mix is what requests are for.
type mix struct {
	name  string
	parts []part
}

// A day of a phone, as docs/cost.md has it: calls of an API, refreshes, and a
// sign-in in a month.
const (
	calls     = 100.0
	refreshes = 12.0
	signedIn  = 1.0 / 30
)

func mixes() []mix {
	phone := calls + refreshes + signedIn
	older := calls + signedIn
	return []mix{
		{"bearer tokens", []part{{"bearer check", 1}}},
		{"OAuth 1.0", []part{{"OAuth 1.0 check", 1}}},
		{"DPoP", []part{{"DPoP check", 1}}},
		{"phones, OAuth 2", []part{{"bearer check", calls / phone}, {"refresh", refreshes / phone}, {"password", signedIn / phone}}},
		{"phones, xAuth", []part{{"OAuth 1.0 check", calls / older}, {"xAuth", signedIn / older}}},
		{"nothing but passwords", []part{{"password", 1}}},
		{"a tenth guesses passwords", []part{{"bearer check", 0.9}, {"wrong password", 0.1}}},
		{"nine tenths junk", []part{{"bearer check", 0.1}, {"bearer check of junk", 0.9}}},
	}
}

// perRequest is what a request of the mix takes on average.
func (m mix) perRequest() (sum units) {
	all := operations()
	for _, p := range m.parts {
		i := slices.IndexFunc(all, func(o operation) bool { return o.name == p.operation })
		u := all[i].units
		sum.sessionReads += p.share * u.sessionReads
		sum.sessionWrites += p.share * u.sessionWrites
		sum.indexWrites += p.share * u.indexWrites
		sum.replayWrites += p.share * u.replayWrites
		sum.registryReads += p.share * u.registryReads
	}
	return sum
}

// table is what one table or index is asked for by a request.
type table struct {
	name          string
	reads, writes float64
}

func (u units) tables() []table {
	return []table{
		{"SessionsTable", u.sessionReads, u.sessionWrites},
		{"its index", 0, u.indexWrites},
		{"ReplayTable", 0, u.replayWrites},
		{"RegistryTable", u.registryReads, 0},
	}
}
