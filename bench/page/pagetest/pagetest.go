// Package pagetest holds pages to the results that they are made of.
package pagetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Holds fails the test for each file, by its path, that is not what there is. command makes
// them anew.
func Holds(t *testing.T, files map[string]string, command string) {
	t.Helper()
	for path, want := range files {
		if got, err := os.ReadFile(path); err != nil || string(got) != want { // #nosec G304 -- of whoever calls
			t.Errorf("%s is not what was measured: run %s (%v)", path, command, err)
		}
		if strings.Contains(want, "NaN") {
			t.Errorf("%s lacks measurements", path)
		}
	}
}

// Keeps fails the test unless save writes what it was read from, at path.
func Keeps(t *testing.T, path string, save func(path string) error) {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "results.json")
	if err := save(copied); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(copied) // #nosec G304 -- made here
	want, err2 := os.ReadFile(path) // #nosec G304 -- of whoever calls
	if err != nil || err2 != nil || string(got) != string(want) {
		t.Errorf("saved again it is another: %v, %v", err, err2)
	}
}
