// Command vulndb says which database of known vulnerabilities `make lint`
// takes: the Go project's own where it answers, else the snapshot beside this
// file.
//
//	vulndb database DIR    print the database's URL; DIR is for the unpacked snapshot
//	vulndb renew CLONE     make the snapshot from a clone of github.com/golang/vulndb
//
// The snapshot has the facts alone that govulncheck decides by, and of the
// modules alone that this one is built with.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	live         = "https://vuln.go.dev"
	snapshotFile = "scripts/vulndb/snapshot.jsonl"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "vulndb:", err)
		os.Exit(1)
	}
}

func run(args []string, out, notes io.Writer) error {
	if len(args) != 2 || args[0] != "database" && args[0] != "renew" {
		return errors.New("usage: vulndb database DIR | vulndb renew CLONE")
	}
	modules, err := buildList()
	if err != nil {
		return err
	}
	if args[0] == "renew" {
		return renew(args[1], modules)
	}
	d := database{live: live, dir: args[1], modules: modules, now: time.Now(), notes: notes}
	url, err := d.url()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, url)
	return err
}

func renew(clone string, modules []string) error {
	s, err := renewed(clone, modules)
	if err != nil {
		return err
	}
	text, err := s.encode()
	if err != nil {
		return err
	}
	return os.WriteFile(snapshotFile, text, 0o600)
}

// database is how the URL of one is found.
type database struct {
	live    string   // URL of the Go project's
	dir     string   // for the unpacked snapshot
	modules []string // what is to be looked up
	now     time.Time
	notes   io.Writer
}

// url returns the URL for govulncheck's -db. When it is the snapshot's, notes
// tell of when that is.
func (d *database) url() (string, error) {
	if answers(d.live) {
		return d.live, nil
	}
	s, err := decode(committed)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(d.notes, "vulndb: %s does not answer, so this takes the snapshot of %s, %d days old\n",
		d.live, s.Modified.Format(time.DateOnly), int(d.now.Sub(s.Modified).Hours()/24))
	for _, module := range d.modules {
		if !slices.Contains(s.Modules, module) {
			fmt.Fprintf(d.notes, "vulndb: NOT CHECKED: the snapshot does not cover %s, renew it\n", module)
		}
	}
	dir, err := filepath.Abs(d.dir)
	if err != nil {
		return "", err
	}
	return "file://" + filepath.ToSlash(dir), s.unpack(dir)
}

func answers(url string) bool {
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Head(url + "/index/modules.json.gz")
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// buildList is every module this one is built with, by the names that the
// database has for them.
func buildList() ([]string, error) {
	out, err := output(exec.Command("go", "list", "-m", "-f", "{{if not .Main}}{{.Path}}{{end}}", "all"))
	if err != nil {
		return nil, err
	}
	modules := append(strings.Fields(string(out)), "stdlib", "toolchain")
	slices.Sort(modules)
	return modules, nil
}

func output(cmd *exec.Cmd) ([]byte, error) {
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, bytes.TrimSpace(complaint.Bytes()))
	}
	return out, nil
}
