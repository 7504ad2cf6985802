package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"gatehouse/bench/closed"
)

// subject is one thing that is asked of one place.
type subject struct {
	at, what string
	limits   []string // what of the same place cannot be done without; none: it is a limit itself
	most     int      // callers
	count    int      // requests of each load

	ask   closed.Ask
	wrong func() error // an error unless what must be refused is; nil for a limit
	pids  []int        // of the processes that answer: callers have one each, or all have one
}

// levels are how many callers there are side by side.
func levels() []int { return []int{1, 2, 4, 8, 16, 32, 64} }

// mostCallers is the last level.
const mostCallers = 64

// prove has a subject refuse what is wrong before it is measured.
func (s *subject) prove() error {
	if err := s.ask(0); err != nil {
		return fmt.Errorf("what is right is refused: %w", err)
	}
	if s.wrong == nil {
		return nil
	}
	return s.wrong()
}

// load asks by so many callers, and returns the processor time too that each
// answer took of the processes that answer; 0 where they are not ours.
func (s *subject) load(ctx context.Context, callers int) (closed.Took, time.Duration, error) {
	before, err := processorTime(s.pids)
	if err != nil {
		return closed.Took{}, 0, err
	}
	l := closed.Load{Callers: callers, Warm: s.count/10 + callers, Count: s.count}
	took, err := l.Run(ctx, s.ask)
	if err != nil {
		return took, 0, err
	}
	after, err := processorTime(s.pids)
	return took, (after - before) / time.Duration(l.Warm+l.Count), err
}

// tick is the unit in which Linux tells processor time.
const tick = 10 * time.Millisecond

// processorTime is what processes took so far, user and system.
func processorTime(pids []int) (sum time.Duration, err error) {
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0, fmt.Errorf("look at a process: %w", err)
		}
		// The name, in brackets, may have blanks. After it user time is the 12th, system time the 13th.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		for _, field := range fields[11:13] {
			ticks, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read the time of a process: %w", err)
			}
			sum += time.Duration(ticks) * tick
		}
	}
	return sum, nil
}
