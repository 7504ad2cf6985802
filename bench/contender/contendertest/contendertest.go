// Package contendertest is what every contender must do before it is measured.
package contendertest

import (
	"testing"
	"time"

	"gatehouse/bench/contender"
	"gatehouse/bench/turns"
)

// Subjects makes one of each maker, by its work. root is the folder of the
// product.
func Subjects(t *testing.T, makers contender.Makers, root string) map[string]*contender.Subject {
	t.Helper()
	all := map[string]*contender.Subject{}
	for work, maker := range makers {
		turn, err := turns.New(work, root, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if all[work], err = maker(turn); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// AcceptsAndRefuses has each subject prove itself. Only signed requests have
// nonces to keep, and all who verify them must.
func AcceptsAndRefuses(t *testing.T, makers contender.Makers, root string) {
	t.Helper()
	for work, subject := range Subjects(t, makers, root) {
		if subject.Bare {
			t.Errorf("%s: refuses nothing", work)
		}
		if err := subject.Prove(); err != nil {
			t.Errorf("%s: %v", work, err)
		}
		if spends := work == contender.SignedGet || work == contender.SignedForm; spends != (subject.Renew != nil) {
			t.Errorf("%s: nonces are kept: %v", work, !spends)
		}
	}
}
