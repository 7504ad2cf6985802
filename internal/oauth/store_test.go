package oauth

import (
	"errors"
	"math"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	renewed := Milli(instant)
	tests := []struct {
		name       string
		generation uint32 // presented
		age        time.Duration
		change     func(*Session, *Renewal)
		before     bool
		err        error
	}{
		{"first", 3, 0, nil, false, nil},
		{"one behind", 2, time.Second, nil, true, nil},
		{"one behind, grace just over", 2, 30 * time.Second, nil, true, nil},
		{"one behind, after grace", 2, 30*time.Second + time.Millisecond, nil, false, ErrReused},
		{"one behind by a slow clock", 2, -time.Second, nil, true, nil},
		{"two behind", 1, 0, nil, false, ErrReused},
		{"ahead", 4, 0, nil, false, ErrNotFound},
		{"another client's", 3, 0, func(s *Session, r *Renewal) { r.Client = "other" }, false, ErrNotOwner},
		{"another client's, reused", 1, 0, func(s *Session, r *Renewal) { r.Client = "other" }, false, ErrNotOwner},
		{"expired", 3, 0, func(s *Session, r *Renewal) { s.Expires = r.Now }, false, ErrExpired},
		{"part of the scope", 3, 0, func(s *Session, r *Renewal) { r.Scope = []string{"read"} }, false, nil},
		{"more scope", 3, 0, func(s *Session, r *Renewal) { r.Scope = []string{"admin"} }, false, ErrScope},
		{"more scope, again", 2, 0, func(s *Session, r *Renewal) { r.Scope = []string{"admin"} }, false, ErrScope},
		{"more scope, reused", 1, 0, func(s *Session, r *Renewal) { r.Scope = []string{"admin"} }, false, ErrReused},
		{"no grace, own retry", 2, 0, func(s *Session, r *Renewal) { r.Grace = 0 }, true, nil},
		{"no grace", 2, time.Millisecond, func(s *Session, r *Renewal) { r.Grace = 0 }, false, ErrReused},
		{"generations used up", math.MaxUint32, 0, func(s *Session, r *Renewal) { s.Generation = math.MaxUint32 }, false, ErrExpired},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := Session{Client: "mobile", Generation: 3, Renewed: renewed, Scope: []string{"read", "write"}}
			r := Renewal{Client: "mobile", Generation: test.generation, Now: renewed.Add(test.age), Grace: 30 * time.Second}
			if test.change != nil {
				test.change(&s, &r)
			}
			before, err := r.Judge(&s)
			if before != test.before || !errors.Is(err, test.err) {
				t.Errorf("got %v, %v, want %v, %v", before, err, test.before, test.err)
			}
		})
	}
}

func TestOwns(t *testing.T) {
	s := Session{Client: "mobile", User: "u1"}
	for owner, want := range map[Owner]bool{
		{}:                             true,
		{Client: "mobile"}:             true,
		{User: "u1"}:                   true,
		{Client: "mobile", User: "u1"}: true,
		{Client: "mobile", User: "u2"}: false,
		{Client: "other", User: "u1"}:  false,
		{Client: "other"}:              false,
	} {
		if got := owner.Owns(&s); got != want {
			t.Errorf("%+v owns: %v, want %v", owner, got, want)
		}
	}
}
