package contender

// Presenting is the subject that is shown a bearer token, and ones like it that
// must be refused. ask makes what shows a token, before anything is measured.
func Presenting(ask func(token string) func() bool, right string, wrongs ...string) *Subject {
	accepted := ask(right)
	s := &Subject{Right: func(int) bool { return accepted() }}
	for _, token := range wrongs {
		s.Wrong = append(s.Wrong, ask(token))
	}
	return s
}
