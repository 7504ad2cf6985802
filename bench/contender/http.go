package contender

import (
	"fmt"
	"net/http"
	"strings"
)

// HTTP is the request as a server sees it, signed with the header
// authorization.
func (r *Request) HTTP(authorization string) (*http.Request, error) {
	made, err := http.NewRequest(r.Method, r.URL, strings.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.URL, err)
	}
	made.Header.Set("Authorization", authorization)
	if r.ContentType != "" {
		made.Header.Set("Content-Type", r.ContentType)
	}
	return made, nil
}

// Signed is the subject that verifies the requests of a turn. prepare makes of
// one what verify takes, before anything is measured.
func Signed[T any](t *Turn, prepare func(*Request) (T, error), verify func(T) bool, renew func()) (*Subject, error) {
	prepared := func(all []Request) ([]T, error) {
		made := make([]T, len(all))
		for i := range all {
			var err error
			if made[i], err = prepare(&all[i]); err != nil {
				return nil, err
			}
		}
		return made, nil
	}
	right, err := prepared(t.Right)
	if err != nil {
		return nil, err
	}
	wrong, err := prepared(t.Wrong)
	if err != nil {
		return nil, err
	}
	s := &Subject{Right: func(n int) bool { return verify(right[n]) }, Renew: renew}
	for _, w := range wrong {
		s.Wrong = append(s.Wrong, func() bool { return verify(w) })
	}
	return s, nil
}
