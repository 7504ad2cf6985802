// Command speed measures Gatehouse beside its peers and beside the limit, prints
// tables, and with -docs writes them and the plot into docs/. bench/run builds
// and installs what it needs.
package main

import (
	"context"
	"flag"
	"os"

	"gatehouse/bench/page"
	"gatehouse/bench/stats"
)

// pageName is the file of docs/ that has the tables, resultsName the one of bench/ that
// has what they are made of.
const pageName, resultsName = "PERFORMANCE.md", "speed/results.json"

func main() {
	p := &plan{progress: os.Stderr}
	flag.StringVar(&p.root, "root", "..", "folder of the product")
	flag.StringVar(&p.at.cache, "cache", "../.cache/speed", "folder of the programs that are built and installed")
	flag.StringVar(&p.at.peers, "peers", "peers", "folder of the programs that are run as they are")
	flag.IntVar(&p.rounds, "rounds", 15, "how often each is measured")
	flag.Float64Var(&p.warm, "warm", .2, "seconds of work that do not count, of each process")
	flag.Float64Var(&p.take, "take", .4, "seconds of processor time that count, of each process")
	flag.BoolVar(&p.only, "starts", false, "measure the starts alone, and keep the other results")
	docs := flag.String("docs", "", "folder whose "+pageName+" and plot are written anew")
	flag.Parse()
	stats.Main("speed", func(ctx context.Context) error { return run(ctx, p, *docs) })
}

func run(ctx context.Context, p *plan, docs string) error {
	if err := stats.Check(p.rounds, flag.Args()); err != nil {
		return err
	}
	p.written = docs != ""
	if err := p.checkShare(); err != nil {
		return err
	}
	r, err := p.measure(ctx)
	if err != nil {
		return err
	}
	return page.Publish(docs, pageName, r.sections(), r.plots(), func() error { return r.save(resultsName) })
}
