// Command load asks the local gateway, and the compiled functions on the DynamoDB
// engine of the tests, by ever more callers side by side. It prints how many
// answers there are in a second and how long they take, and with -docs writes
// tables and plots into docs/. bench/run builds what it needs.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"gatehouse/bench/page"
	"gatehouse/bench/stats"
)

// pageName is the file of docs/ that has the tables, resultsName the one of bench/ that
// has what they are made of.
const pageName, resultsName = "PERFORMANCE.md", "load/results.json"

func main() {
	p := &plan{progress: os.Stderr}
	flag.StringVar(&p.root, "root", "..", "folder of the product")
	flag.StringVar(&p.cache, "cache", "../.cache/speed", "folder of the programs that are built")
	flag.IntVar(&p.rounds, "rounds", 3, "how often each is measured")
	flag.IntVar(&p.atGateway, "gateway", 10_000, "requests of each load of the gateway")
	flag.IntVar(&p.signIns, "sign-ins", 100, "those of them by a password, each of which takes 20 ms and more")
	flag.IntVar(&p.atLambda, "functions", 3500, "requests of each load of the functions")
	flag.IntVar(&p.callers, "callers", mostCallers, "callers side by side at most")
	docs := flag.String("docs", "", "folder whose "+pageName+" and plots are written anew")
	bare := flag.Bool("bare", false, "be the server that does nothing, at the address that follows")
	flag.Parse()
	stats.Main("load", func(ctx context.Context) error {
		if *bare {
			return listenBare(flag.Arg(0))
		}
		return run(ctx, p, *docs)
	})
}

func run(ctx context.Context, p *plan, docs string) error {
	if err := stats.Check(p.rounds, flag.Args()); err != nil {
		return err
	}
	if least := min(p.atGateway, p.signIns, p.atLambda, p.callers); least < 1 || p.callers > mostCallers {
		return fmt.Errorf("there are 1 to %d callers, who ask at least once", mostCallers)
	}
	r := newResults(p.rounds)
	for _, measure := range []func(context.Context, *results) error{p.loadGateway, p.loadFunctions} {
		if err := measure(ctx, r); err != nil {
			return err
		}
	}
	return page.Publish(docs, pageName, r.sections(), r.plots(), func() error { return r.save(resultsName) })
}

// loadGateway measures the local gateway beside a server that does nothing.
func (p *plan) loadGateway(ctx context.Context, r *results) error {
	folder, err := os.MkdirTemp("", "gatehouse-load-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(folder)
	bare, err := serve(ctx, folder, filepath.Join(p.cache, "bin/load"), "-bare")
	if err != nil {
		return err
	}
	defer bare.end()
	g, err := startGateway(ctx, filepath.Join(p.cache, "bin/gatehouse"), folder)
	if err != nil {
		return err
	}
	defer g.end()
	asked, err := g.subjects()
	if err != nil {
		return err
	}
	return p.measure(ctx, p.withLimits(g, bare, asked), r)
}
