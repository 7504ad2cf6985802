package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gatehouse/bench/cold"
	"gatehouse/bench/contender"
	"gatehouse/bench/page"
	"gatehouse/bench/stats"
	"gatehouse/bench/turns"
)

// started is what a function took from its start to its first answer, in the
// order of starts, and how large it is, where it is one file.
type started struct {
	Program      string    `json:"program"`
	Milliseconds []float64 `json:"ms"`
	Resident     []float64 `json:"mib"`
	Size         int64     `json:"bytes,omitempty"`
}

// function is one that is started. A command of Go is the name of its file in the
// folder of functions.
type function struct {
	program
	environment []string
	reads       bool // of DynamoDB
}

// bare is what starts are compared by.
const bare = "bare handler"

// startedOurs is our function with the shortest way.
const startedOurs = "Gatehouse, authorizer"

// templateSets is what template.yaml sets that a start depends on; a test holds that.
var templateSets = []string{"SSL_CERT_DIR=/srv"}

var (
	bareFunction = function{program: program{name: bare, language: "Go", command: []string{"bare"}}}
	ourFunction  = function{program{name: startedOurs, language: "Go", command: []string{"authorizer"}}, templateSets, true}
)

func functions() []function {
	return []function{
		bareFunction,
		ourFunction,
		{program: program{name: "SDK by `LoadDefaultConfig`, one read", language: "Go", command: []string{"sdkhello"}}, reads: true},
		{program: program{name: "ory/fosite, no database", language: "Go", command: []string{"fositehello"}}},
		{program: program{name: "@aws-sdk/client-dynamodb", version: "3.1162.0", language: "Node", pin: `"@aws-sdk/client-dynamodb": "3.1162.0"`,
			command: []string{"node", "sdk.mjs"}}, reads: true},
		{program: program{name: "boto3", version: "1.44.5", language: "Python", pin: "boto3==1.44.5",
			command: []string{"python", "with_boto3.py"}}, reads: true},
	}
}

// title is the name, with version and language of what others publish.
func (f *function) title() string {
	if f.version == "" {
		return f.name
	}
	return f.label() + ", one read"
}

// start is what runs f, with env and its own environment. A file goes into folder.
func (at places) start(f *function, env []string, folder string) (cold.Function, error) {
	made := cold.Function{Command: at.arguments(&f.program), Env: slices.Concat(env, f.environment, []string{"PYTHONDONTWRITEBYTECODE=1"})}
	if f.language != "Go" {
		return made, nil
	}
	made.Command = []string{filepath.Join(folder, f.command[0])}
	return made, copyPages(made.Command[0], filepath.Join(at.cache, "functions", f.command[0]))
}

// copyPages copies a program by single pages. The kernel keeps a file in memory in
// pieces as large as it was written in, and wherever there is room: a fifth of a
// start depends on that, for as long as the file is there.
func copyPages(to, from string) (err error) {
	program, err := os.ReadFile(from) // #nosec G304 -- a program that was built here
	if err != nil {
		return fmt.Errorf("read the function: %w", err)
	}
	file, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o700) // #nosec G302 G304 -- a program, in a folder made for it
	if err != nil {
		return fmt.Errorf("write the function: %w", err)
	}
	for page := range slices.Chunk(program, os.Getpagesize()) {
		_, fault := file.Write(page)
		err = errors.Join(err, fault)
	}
	return errors.Join(err, file.Close())
}

// startsPerRound is how often each function is started in a round: a start
// varies more than the mean of many requests.
const startsPerRound = 4

// starts starts every function, and gives each its first request with the share
// of a small one.
func (p *plan) starts(ctx context.Context, r *results, random *rand.Rand) error {
	d, err := cold.Deploy(ctx)
	if err != nil {
		return fmt.Errorf("deploy: %w", err)
	}
	defer d.Close()
	if err := p.shuffled(ctx, d, functions(), random, r.addStart); err != nil {
		return err
	}
	if p.whole {
		return nil
	}
	secured, err := d.Secure()
	if err != nil {
		return fmt.Errorf("secure the deployment: %w", err)
	}
	defer secured.Close()
	return p.shuffled(ctx, secured, firsts(), random, r.addFirst)
}

// shuffled runs all functions, in an order of its own for each turn. Those said to
// read must do so: to be fast without is no start.
func (p *plan) shuffled(ctx context.Context, d *cold.Deployment, all []function, random *rand.Rand,
	run func(context.Context, *function, cold.Function, []byte) error) error {
	turn, err := turns.New(contender.Authorizer, p.root, time.Now())
	if err != nil {
		return err
	}
	event := []byte(strings.ReplaceAll(turn.Event, "TOKEN", d.Token))
	for range startsPerRound {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for i := range all {
			if err := p.once(ctx, d, &all[i], event, run); err != nil {
				return fmt.Errorf("%s: %w", all[i].name, err)
			}
		}
	}
	return nil
}

// once runs f from a file of its own.
func (p *plan) once(ctx context.Context, d *cold.Deployment, f *function, event []byte,
	run func(context.Context, *function, cold.Function, []byte) error) error {
	folder, err := os.MkdirTemp("", "start")
	if err != nil {
		return fmt.Errorf("make a folder for it: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	as, err := p.at.start(f, d.Env, folder)
	if err != nil {
		return err
	}
	before := d.Reads()
	if err := run(ctx, f, as, event); err != nil {
		return err
	}
	if read := d.Reads() - before; read > 0 != f.reads {
		return fmt.Errorf("it read %d items", read)
	}
	return nil
}

// answered runs a function that must let its first request through.
func answered(ctx context.Context, f cold.Function, event []byte) (cold.Start, cold.Answer, error) {
	took, answer, err := f.Run(ctx, event)
	if err != nil {
		return took, answer, err
	}
	return took, answer, permission(answer)
}

func permission(answer cold.Answer) error {
	if !answer.Allows() {
		return fmt.Errorf("it answers %s", answer.Payload)
	}
	return nil
}

// addStart starts f as is.
func (r *results) addStart(ctx context.Context, f *function, as cold.Function, event []byte) error {
	took, _, err := answered(ctx, as, event)
	if err != nil {
		return err
	}
	s := r.start(f.name)
	if s == nil {
		r.Starts = append(r.Starts, started{Program: f.name})
		s = &r.Starts[len(r.Starts)-1]
	}
	if f.language == "Go" {
		file, err := os.Stat(as.Command[0])
		if err != nil {
			return fmt.Errorf("look at the function: %w", err)
		}
		s.Size = file.Size()
	}
	s.Milliseconds = append(s.Milliseconds, hundredths(took.Processor.Seconds()*1000))
	s.Resident = append(s.Resident, hundredths(float64(took.Resident)/(1<<20)))
	return nil
}

func hundredths(v float64) float64 { return math.Round(v*100) / 100 }

// start is nil for what was not started.
func (r *results) start(name string) *started {
	for i := range r.Starts {
		if r.Starts[i].Program == name {
			return &r.Starts[i]
		}
	}
	return nil
}

// startRatio is how many times as long a function took as the bare one, of the
// same turns.
func (r *results) startRatio(name string) stats.Spread {
	of, by := r.start(name), r.start(bare)
	if of == nil || by == nil {
		return stats.Of(nil)
	}
	return stats.Of(stats.Ratios(of.Milliseconds, by.Milliseconds))
}

func (r *results) startsText() string {
	rows := [][]string{{"function", "processor time, ms", "× bare", "resident, MiB", "size, MB"}}
	for _, f := range functions() {
		s := r.start(f.name)
		if s == nil {
			continue
		}
		row := []string{f.title(), stats.Of(s.Milliseconds).String(), r.startRatio(f.name).String(), stats.Of(s.Resident).String(), ""}
		if s.Size != 0 {
			row[4] = fmt.Sprintf("%.1f", float64(s.Size)/1e6)
		}
		rows = append(rows, row)
	}
	return page.Table(rows...)
}

// startPromises are rows of the table of promises.
func (r *results) startPromises() [][]string {
	s := r.start(startedOurs)
	if s == nil {
		return nil
	}
	ratio, resident, size := r.startRatio(startedOurs), stats.Of(s.Resident), float64(s.Size)/1e6
	return [][]string{
		{"processor time of the authorizer from its start to the first answer, with a read", bare, "2 ×", ratio.String() + " ×", kept(ratio.Median <= 2)},
		{"its memory by then", "", "16 MiB", resident.String() + " MiB", kept(resident.Median <= 16)},
		{"its binary", "", "9 MB", fmt.Sprintf("%.1f MB", size), kept(size <= 9)},
	}
}
