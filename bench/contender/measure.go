package contender

import (
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// measure does the work in batches until it has taken long enough. It counts
// processor time, all threads together, so that other work on the machine
// counts little and the garbage collector's counts in full.
func (s *Subject) measure(warm, take time.Duration) (Result, error) {
	if _, err := s.batches(warm); err != nil {
		return Result{}, err
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	spent, err := s.batches(take)
	if err != nil {
		return Result{}, err
	}
	runtime.ReadMemStats(&after)
	count := float64(spent.count)
	allocations := float64(after.Mallocs-before.Mallocs) / count
	return Result{float64(spent.time) / count, &allocations, spent.count}, nil
}

type spent struct {
	time  time.Duration
	count int
}

func (s *Subject) batches(least time.Duration) (spent, error) {
	var sum spent
	since := time.Now()
	for sum.time < least || sum.count == 0 {
		if s.Renew != nil {
			s.Renew()
		}
		began := s.clock(since)
		for n := range s.Batch {
			if !s.Right(n) {
				return sum, fmt.Errorf("request %d is refused", sum.count+n)
			}
		}
		sum.time += s.clock(since) - began
		sum.count += s.Batch
	}
	return sum, nil
}

// clock is processor time, or the time since then where that is what counts.
func (s *Subject) clock(since time.Time) time.Duration {
	if s.Passing {
		return time.Since(since)
	}
	return ProcessorTime()
}

// ProcessorTime is what this process had so far, user and system, all threads.
func ProcessorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // of a call that has no way to fail
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
