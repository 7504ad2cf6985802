package main

import (
	"archive/tar"
	"bytes"
	_ "embed" // for committed
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

//go:embed snapshot.jsonl
var committed []byte

// snapshot is the part of the database that concerns Modules.
type snapshot struct {
	Source   string    `json:"source"`
	Modified time.Time `json:"modified"` // the last change of the whole database
	Modules  []string  `json:"modules"`  // covered, whether anything is known of them or not
	Entries  []entry   `json:"-"`        // a line each, behind the first
}

const source = "Facts of the Go vulnerability database, github.com/golang/vulndb, by the Go authors, CC BY 4.0: " +
	"identifiers, versions and symbols of the modules named here. Made by `go run ./scripts/vulndb renew`."

// entry is one vulnerability in the OSV format, without its texts.
type entry struct {
	ID        string     `json:"id"`
	Withdrawn *time.Time `json:"withdrawn,omitempty"`
	Affected  []affected `json:"affected"`
	Database  *specific  `json:"database_specific,omitempty"` // of what is unpacked; govulncheck falls over without it
}

type specific struct {
	URL string `json:"url"`
}

type affected struct {
	Package struct {
		Name      string `json:"name"`
		Ecosystem string `json:"ecosystem"`
	} `json:"package"`
	Ranges   json.RawMessage `json:"ranges,omitempty"`
	Specific struct {
		Imports json.RawMessage `json:"imports,omitempty"` // packages, their symbols and systems
	} `json:"ecosystem_specific"`
}

// about returns the entry with what concerns modules alone; is tells whether
// there is any.
func (e entry) about(modules []string) (kept entry, is bool) {
	kept = entry{ID: e.ID}
	for _, a := range e.Affected {
		if slices.Contains(modules, a.Package.Name) {
			kept.Affected = append(kept.Affected, a)
		}
	}
	return kept, e.Withdrawn == nil && len(kept.Affected) > 0
}

// renewed is the snapshot for modules of a clone of the database's repository,
// bare or not.
func renewed(clone string, modules []string) (*snapshot, error) {
	s := &snapshot{Source: source, Modules: modules}
	date, err := output(exec.Command("git", "-C", clone, "log", "-1", "--format=%cI")) // #nosec G204 G702 -- the folder that its user names
	if err != nil {
		return nil, err
	}
	if s.Modified, err = time.Parse(time.RFC3339, strings.TrimSpace(string(date))); err != nil {
		return nil, err
	}
	s.Modified = s.Modified.UTC()
	files, err := output(exec.Command("git", "-C", clone, "archive", "HEAD", "data/osv")) // #nosec G204 G702 -- as above
	if err != nil {
		return nil, err
	}
	return s, s.read(tar.NewReader(bytes.NewReader(files)))
}

// read takes the entries of files that concern the snapshot.
func (s *snapshot) read(files *tar.Reader) error {
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			slices.SortFunc(s.Entries, func(a, b entry) int { return strings.Compare(a.ID, b.ID) })
			return nil
		}
		if err != nil {
			return err
		}
		if !strings.HasSuffix(header.Name, ".json") {
			continue
		}
		var whole entry
		if err := json.NewDecoder(files).Decode(&whole); err != nil {
			return fmt.Errorf("%s: %w", header.Name, err)
		}
		if kept, is := whole.about(s.Modules); is {
			s.Entries = append(s.Entries, kept)
		}
	}
}

// encode writes one line for the snapshot and one for each entry, so that a
// renewal's difference can be read.
func (s *snapshot) encode() ([]byte, error) {
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	if err := lines.Encode(s); err != nil {
		return nil, err
	}
	for _, e := range s.Entries {
		if err := lines.Encode(e); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

func decode(text []byte) (*snapshot, error) {
	lines := json.NewDecoder(bytes.NewReader(text))
	var s snapshot
	if err := lines.Decode(&s); err != nil {
		return nil, fmt.Errorf("%s: %w", snapshotFile, err)
	}
	for lines.More() {
		var e entry
		if err := lines.Decode(&e); err != nil {
			return nil, fmt.Errorf("%s: %w", snapshotFile, err)
		}
		s.Entries = append(s.Entries, e)
	}
	return &s, nil
}

// unpack writes the snapshot into dir as the files that govulncheck reads
// (go.dev/security/vuln/database#api), in place of what was there.
func (s *snapshot) unpack(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for _, e := range s.Entries {
		e.Database = &specific{URL: "https://pkg.go.dev/vuln/" + e.ID}
		if err := writeJSON(filepath.Join(dir, "ID", e.ID+".json"), e); err != nil {
			return err
		}
	}
	if err := writeJSON(filepath.Join(dir, "index", "modules.json"), s.index()); err != nil {
		return err
	}
	return writeJSON(filepath.Join(dir, "index", "db.json"), map[string]time.Time{"modified": s.Modified})
}

type module struct {
	Path  string `json:"path"`
	Vulns []vuln `json:"vulns"`
}

type vuln struct {
	ID string `json:"id"`
}

// index says which entries are about which module.
func (s *snapshot) index() []module {
	modules := make([]module, len(s.Modules))
	for i, path := range s.Modules {
		modules[i].Path = path
		for _, e := range s.Entries {
			if _, is := e.about([]string{path}); is {
				modules[i].Vulns = append(modules[i].Vulns, vuln{e.ID})
			}
		}
	}
	return modules
}

func writeJSON(path string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
