// Command scale works out how keys spread over the partitions of DynamoDB, what
// many requests take, and which limit they meet first. It prints tables, and
// with -docs writes them and the plots into docs/.
package main

import (
	"flag"
	"fmt"
	"os"

	"gatehouse/bench/page"
)

// pageName is the file of docs/ that has the tables.
const pageName = "SCALE.md"

func main() {
	docs := flag.String("docs", "", "folder whose "+pageName+" and plots are written anew")
	flag.Parse()
	if err := run(*docs); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

func run(docs string) error {
	r, err := simulate()
	if err != nil {
		return err
	}
	for _, s := range r.sections() {
		fmt.Printf("%s\n\n%s\n", s.Name, s.Text)
	}
	if docs == "" {
		return nil
	}
	files, err := r.files(docs)
	if err != nil {
		return err
	}
	return page.Write(files)
}

// files are what the folder docs should have, by path.
func (r *results) files(docs string) (map[string]string, error) {
	return page.Files(docs, pageName, r.sections(), r.plots())
}
