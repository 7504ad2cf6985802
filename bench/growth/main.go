// Command growth measures what a request takes with ever more sessions and nonces
// in the store: in memory, and in the DynamoDB engine of the tests. It prints
// tables, and with -docs writes them and a plot into docs/.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"

	"gatehouse/bench/page"
	"gatehouse/bench/stats"
)

// pageName is the file of docs/ that has the tables, resultsName the one of bench/ that
// has what they are made of.
const pageName, resultsName = "PERFORMANCE.md", "growth/results.json"

func main() {
	p := &plan{progress: os.Stderr}
	flag.StringVar(&p.root, "root", "..", "folder of the product")
	flag.IntVar(&p.rounds, "rounds", 9, "how often each is measured")
	flag.Float64Var(&p.seconds, "seconds", .7, "seconds of requests that each is measured for")
	flag.IntVar(&p.most, "engine-size", 100_000, "sessions and nonces in the engine at most; 1000000 take it minutes to take in, and -docs has them")
	docs := flag.String("docs", "", "folder whose "+pageName+" and plot are written anew")
	size := flag.Int("hold", 0, "be the program that holds so many sessions and nonces")
	url := flag.String("at", "", "of that program, the URL of the engine; without, it holds them in memory")
	flag.Parse()
	stats.Main("growth", func(ctx context.Context) error {
		if *size > 0 {
			return hold(ctx, *size, *url, os.Stdin, os.Stdout)
		}
		return run(ctx, p, *docs)
	})
}

func run(ctx context.Context, p *plan, docs string) error {
	err := stats.Check(p.rounds, flag.Args())
	if err != nil {
		return err
	}
	if docs != "" {
		p.most = slices.Max(sizes())
	}
	if p.program, err = os.Executable(); err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	r, err := p.measure(ctx)
	if err != nil {
		return err
	}
	return page.Publish(docs, pageName, r.sections(), r.plots(), func() error { return r.save(resultsName) })
}
