package main

import (
	"archive/tar"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSnapshotHasFactsOfItsModulesAlone(t *testing.T) {
	s := &snapshot{Source: source, Modules: []string{"example.com/used", "stdlib"}}
	err := s.read(archive(t, map[string]string{
		"data/osv/GO-2.json": `{"id":"GO-2","summary":"words","details":"words","aliases":["CVE-1"],"references":[{"url":"words"}],
			"affected":[{"package":{"name":"example.com/used","ecosystem":"Go"},
				"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.2.3"}]}],
				"ecosystem_specific":{"custom_ranges":["words"],"imports":[{"path":"example.com/used/p","symbols":["F"]}]}},
			{"package":{"name":"example.com/other","ecosystem":"Go"}}]}`,
		"data/osv/GO-1.json":    `{"id":"GO-1","affected":[{"package":{"name":"stdlib","ecosystem":"Go"}}]}`,
		"data/osv/GO-3.json":    `{"id":"GO-3","affected":[{"package":{"name":"example.com/other","ecosystem":"Go"}}]}`,
		"data/osv/GO-4.json":    `{"id":"GO-4","withdrawn":"2026-01-02T03:04:05Z","affected":[{"package":{"name":"stdlib","ecosystem":"Go"}}]}`,
		"data/osv/README.words": "words",
	}))
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.encode()
	if err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(string(text), "\n")
	const want = `{"id":"GO-1","affected":[{"package":{"name":"stdlib","ecosystem":"Go"},"ecosystem_specific":{}}]}
{"id":"GO-2","affected":[{"package":{"name":"example.com/used","ecosystem":"Go"},` +
		`"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.2.3"}]}],` +
		`"ecosystem_specific":{"imports":[{"path":"example.com/used/p","symbols":["F"]}]}}]}
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestBrokenEntryStopsARenewal(t *testing.T) {
	s := &snapshot{Modules: []string{"stdlib"}}
	if err := s.read(archive(t, map[string]string{"data/osv/GO-1.json": "{"})); err == nil {
		t.Error("an entry that is no JSON was passed over")
	}
}

// archive is what `git archive` writes of files.
func archive(t *testing.T, files map[string]string) *tar.Reader {
	t.Helper()
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	for name, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return tar.NewReader(&packed)
}

func TestLiveDatabaseComesFirst(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/index/modules.json.gz" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	var notes strings.Builder
	d := database{live: server.URL, dir: t.TempDir(), notes: &notes}
	if url, err := d.url(); err != nil || url != server.URL || notes.Len() != 0 {
		t.Errorf("got %q, %v and the notes %q", url, err, notes.String())
	}
}

func TestSnapshotStandsInAndSaysSo(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	s, err := decode(committed)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "vulndb")
	var notes strings.Builder
	d := database{live: server.URL, dir: dir, modules: []string{"stdlib", "example.com/new"},
		now: s.Modified.Add(50 * time.Hour), notes: &notes}
	url, err := d.url()
	if err != nil || url != "file://"+dir {
		t.Fatalf("got %q, %v", url, err)
	}
	for _, want := range []string{"the snapshot of " + s.Modified.Format(time.DateOnly) + ", 2 days old",
		"NOT CHECKED: the snapshot does not cover example.com/new"} {
		if !strings.Contains(notes.String(), want) {
			t.Errorf("the notes lack %q: %s", want, notes.String())
		}
	}
	if strings.Contains(notes.String(), "cover stdlib") {
		t.Errorf("the snapshot covers the standard library: %s", notes.String())
	}
	for _, name := range []string{"index/db.json", "index/modules.json", "ID/" + s.Entries[0].ID + ".json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}
