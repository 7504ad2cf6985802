package doctor

import (
	"errors"
	"strings"
)

var errQuote = errors.New("a quotation mark is not closed")

// words splits a command as a POSIX shell does, without expanding anything;
// $'…' is as bash has it, since browsers write it.
func words(text string) ([]string, error) {
	s := &shell{rest: text}
	for s.rest != "" {
		if err := s.step(); err != nil {
			return nil, err
		}
	}
	s.end()
	return s.words, nil
}

// shell reads a command.
type shell struct {
	rest   string
	word   strings.Builder
	inWord bool // a word may be empty: ''
	words  []string
}

func (s *shell) end() {
	if s.inWord {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.inWord = false
}

func (s *shell) add(text string) {
	s.word.WriteString(text)
	s.inWord = true
}

// take removes n bytes from the front.
func (s *shell) take(n int) string {
	taken := s.rest[:n]
	s.rest = s.rest[n:]
	return taken
}

func (s *shell) step() error {
	for _, newline := range []string{"\\\n", "\\\r\n"} {
		if rest, continued := strings.CutPrefix(s.rest, newline); continued {
			s.rest = rest
			return nil
		}
	}
	switch {
	case strings.ContainsRune(" \t\r\n", rune(s.rest[0])):
		s.take(1)
		s.end()
	case s.rest[0] == '\'':
		return s.single()
	case s.rest[0] == '"':
		s.take(1)
		return s.quoted('"', doubleEscape)
	case strings.HasPrefix(s.rest, "$'"):
		s.take(2)
		return s.quoted('\'', ansiEscape)
	case s.rest[0] == '\\' && len(s.rest) > 1:
		s.take(1)
		s.add(s.take(1))
	default:
		s.add(s.take(1))
	}
	return nil
}

func (s *shell) single() error {
	inside, rest, closed := strings.Cut(s.rest[1:], "'")
	if !closed {
		return errQuote
	}
	s.rest = rest
	s.add(inside)
	return nil
}

// quoted reads to the closing quotation mark; escape takes what is behind a
// backslash, of which there is some, and says what both mean.
func (s *shell) quoted(end byte, escape func(*shell) string) error {
	s.inWord = true
	for s.rest != "" {
		switch c := s.take(1)[0]; {
		case c == end:
			return nil
		case c == '\\' && s.rest != "":
			s.add(escape(s))
		default:
			s.add(string([]byte{c}))
		}
	}
	return errQuote
}

func doubleEscape(s *shell) string {
	switch c := s.take(1); c {
	case `"`, `\`, "$", "`":
		return c
	case "\n":
		return ""
	default:
		return `\` + c
	}
}
