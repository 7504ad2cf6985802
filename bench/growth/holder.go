package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"

	"gatehouse/bench/closed"
	"gatehouse/bench/contender"
	"gatehouse/bench/engine"
	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/memory"
)

// turn is what a holder is asked: for so long, or for so many where the units of the
// engine are counted.
type turn struct {
	Operation string  `json:"operation"`
	Seconds   float64 `json:"seconds"`
	Count     int     `json:"count"`
}

// atOnce is how many requests are prepared at once, without being timed.
const atOnce = 256

// batch is how many are done between two looks at the clock.
func (t *turn) batch() int {
	if t.Count > 0 {
		return t.Count
	}
	return atOnce
}

// took is its answer, for one request.
type took struct {
	Count       int     `json:"count"`
	Processor   float64 `json:"processor_us"`
	Elapsed     float64 `json:"elapsed_us"`
	Allocations float64 `json:"allocations"`
	P50         float64 `json:"p50_us"`
	P999        float64 `json:"p999_us"`
	Trips       float64 `json:"trips"` // one after another
	Reads       float64 `json:"reads"`
	Writes      float64 `json:"writes"`
}

// holding is what a holder says once it is full.
type holding struct {
	Session float64 `json:"session_bytes"` // in memory; 0: not here
	Nonce   float64 `json:"nonce_bytes"`
	Seconds float64 `json:"seconds"` // that filling took
}

// holder has a store of a size, and does turns.
type holder struct {
	*house
	url     string // of the engine; empty: in memory
	puts    *engine.Puts
	counter *dynamodbtest.Counter
	counted store
	timed   store
}

// hold fills a store and does the turns that come, a line each.
func hold(ctx context.Context, size int, url string, in io.Reader, out io.Writer) error {
	h := &holder{url: url}
	held, err := h.fill(ctx, size)
	if err != nil {
		return err
	}
	answers := json.NewEncoder(out)
	if err := answers.Encode(held); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var t turn
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return fmt.Errorf("decode a turn: %w", err)
		}
		did, err := h.turn(ctx, t)
		if err != nil {
			return fmt.Errorf("%s of %d: %w", t.Operation, size, err)
		}
		if err := answers.Encode(did); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
	return nil
}

func (h *holder) fill(ctx context.Context, size int) (held holding, err error) {
	since := time.Now()
	if h.url == "" {
		s := memory.New()
		h.timed = s
		held, err = weigh(ctx, s, size)
	} else {
		err = h.fillEngine(ctx, size)
	}
	if err != nil {
		return held, err
	}
	if err := h.timed.CreateClient(ctx, client()); err != nil {
		return held, fmt.Errorf("create the client: %w", err)
	}
	if h.house, err = newHouse(size, h.timed); err != nil {
		return held, err
	}
	if h.url == "" {
		h.plain = newPlainMap(size)
	}
	held.Seconds = time.Since(since).Seconds()
	return held, nil
}

// weigh fills a store in memory and says what each takes there.
func weigh(ctx context.Context, s *memory.Store, size int) (held holding, err error) {
	empty := heap()
	if err := fillSessions(ctx, s, 0, size); err != nil {
		return held, err
	}
	sessions := heap()
	if err := fillNonces(ctx, s, size, 0, size); err != nil {
		return held, err
	}
	return holding{Session: float64(sessions-empty) / float64(size), Nonce: float64(heap()-sessions) / float64(size)}, nil
}

// heap is what is alive, in bytes.
func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc) // #nosec G115 -- no machine has so much
}

// fillers fill side by side.
const fillers = 4

// fillEngine has tables of its own.
func (h *holder) fillEngine(ctx context.Context, size int) error {
	tables := engine.Tables(fmt.Sprintf("growth-%d", size))
	h.puts, h.counter = &engine.Puts{Table: tables.Replay}, &dynamodbtest.Counter{Delay: 20 * time.Millisecond}
	on := func(through http.RoundTripper) (store, error) {
		return engine.Create(ctx, engine.Config(h.url, &http.Client{Transport: through}), tables)
	}
	var err error
	if h.timed, err = on(h.puts); err != nil {
		return err
	}
	if h.counted, err = on(h.counter); err != nil {
		return err
	}
	var all sync.WaitGroup
	failed := make([]error, fillers)
	for i := range fillers {
		all.Go(func() {
			batches := &engine.Batches{}
			s, err := on(batches)
			from, to := size*i/fillers, size*(i+1)/fillers
			for _, fill := range []func() error{
				func() error { return fillSessions(ctx, s, from, to) },
				func() error { return fillNonces(ctx, s, size, from, to) },
				func() error { return batches.Flush(ctx) },
			} {
				if err == nil {
					err = fill()
				}
			}
			failed[i] = err
		})
	}
	all.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

// longer is how many times as long a turn may last as its requests take: what is
// quick to do takes longer to prepare.
const longer = 3

// turn does requests for as long as it says, and takes out of the engine what
// they put in.
func (h *holder) turn(ctx context.Context, t turn) (took, error) {
	h.on(h.timed)
	if t.Count > 0 && h.counted != nil {
		h.on(h.counted)
		h.counter.Reset()
	}
	var sum sums
	began := time.Now()
	for sum.count < max(t.Count, 1) || sum.elapsed.Seconds() < t.Seconds && time.Since(began).Seconds() < longer*t.Seconds {
		requests, err := h.prepare(t.Operation, t.batch())
		if err != nil {
			return took{}, err
		}
		if err := sum.batch(ctx, h.house, requests); err != nil {
			return took{}, err
		}
	}
	did := sum.each()
	if t.Count > 0 && h.counted != nil {
		usage := h.counter.Usage()
		count := float64(sum.count)
		did.Trips, did.Reads, did.Writes = float64(usage.Waves)/count, usage.Reads/count, usage.Writes/count
	} else if h.url != "" {
		return did, h.puts.TakeOut(ctx)
	}
	return did, nil
}

// sums are of all batches of a turn.
type sums struct {
	count              int
	processor, elapsed time.Duration
	allocations        uint64
	latencies          []time.Duration
}

func (s *sums) batch(ctx context.Context, h *house, requests []request) error {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	processor, start := contender.ProcessorTime(), time.Now()
	last := start
	for i := range requests {
		if err := h.do(ctx, &requests[i]); err != nil {
			return err
		}
		now := time.Now()
		s.latencies = append(s.latencies, now.Sub(last))
		last = now
	}
	s.processor += contender.ProcessorTime() - processor
	s.elapsed += last.Sub(start)
	runtime.ReadMemStats(&after)
	s.allocations += after.Mallocs - before.Mallocs
	s.count += len(requests)
	return nil
}

func (s *sums) each() took {
	count, micro := float64(s.count), float64(time.Microsecond)
	slices.Sort(s.latencies)
	t := took{Count: s.count, Processor: float64(s.processor) / count / micro, Elapsed: float64(s.elapsed) / count / micro,
		Allocations: float64(s.allocations) / count}
	if p50, known := closed.Quantile(s.latencies, .5); known {
		t.P50 = float64(p50) / micro
	}
	if p999, known := closed.Quantile(s.latencies, .999); known {
		t.P999 = float64(p999) / micro
	}
	return t
}
