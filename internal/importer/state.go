package importer

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// State remembers which records were done, by what they are called: a file of
// lines that later runs read. It has no secrets in it. A nil State knows of none.
type State struct {
	mu   sync.Mutex
	out  io.Writer
	done map[done]bool
}

// done is a line of a state file.
type done struct {
	Kind Kind   `json:"type"`
	ID   string `json:"id"`
}

// NewState reads the lines that are there, and writes further ones to out. A last
// line that was not written whole is as none.
func NewState(there io.Reader, out io.Writer) (*State, error) {
	s := &State{out: out, done: map[done]bool{}}
	lines := bufio.NewScanner(there)
	for line := 1; lines.Scan(); line++ {
		var one done
		if json.Unmarshal(lines.Bytes(), &one) == nil && one.ID != "" {
			s.done[one] = true
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("what an earlier run did: %w", err)
	}
	return s, nil
}

func (s *State) has(one *record) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.done[done{one.kind(), one.id()}]
}

// note writes down that a record is done.
func (s *State) note(one *record) error {
	if s == nil {
		return nil
	}
	line, err := json.Marshal(done{one.kind(), one.id()})
	if err != nil {
		return fmt.Errorf("what is done: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if key := (done{one.kind(), one.id()}); s.done[key] {
		return nil
	} else {
		s.done[key] = true
	}
	if _, err := s.out.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("note what is done: %w", err)
	}
	return nil
}
