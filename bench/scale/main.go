// Command scale works out how keys spread over the partitions of DynamoDB, what
// many requests take, and which limit they meet first. It prints tables, and
// with -docs writes them and the plots into docs/.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// page is the file of docs/ that has the tables.
const page = "SCALE.md"

func main() {
	docs := flag.String("docs", "", "folder whose "+page+" and plots are written anew")
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
		fmt.Printf("%s\n\n%s\n", s.name, s.text)
	}
	if docs == "" {
		return nil
	}
	files, err := r.files(docs)
	if err != nil {
		return err
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil { // #nosec G306 -- a page for everybody
			return err
		}
	}
	return nil
}

// files are what the folder docs should have, by path.
func (r *results) files(docs string) (map[string]string, error) {
	path := filepath.Join(docs, page)
	text, err := os.ReadFile(path) // #nosec G304 -- of whoever calls
	if err != nil {
		return nil, err
	}
	filled, err := fill(string(text), r.sections())
	if err != nil {
		return nil, err
	}
	files := map[string]string{path: filled}
	for name, plot := range r.plots() {
		files[filepath.Join(docs, name)] = plot
	}
	return files, nil
}
