// Package page fills the parts of a page of docs/ that are made, and leaves the
// rest as it was written.
package page

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Section is a part of a page that is made. Its text ends with a line break.
type Section struct{ Name, Text string }

// Table is a table of Markdown, its head first.
func Table(rows ...[]string) string {
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return b.String()
}

// fill puts sections into a page, between their markers. Each must be there
// once. What other programs fill stays as it is.
func fill(page string, all []Section) (string, error) {
	for _, s := range all {
		begin, end := marker("begin", s.Name), marker("end", s.Name)
		before, rest, found := strings.Cut(page, begin)
		_, after, ended := strings.Cut(rest, end)
		if !found || !ended || strings.Contains(after, begin) {
			return "", fmt.Errorf("the page does not have %s … %s once", begin, end)
		}
		page = before + begin + "\n" + s.Text + end + after
	}
	return page, nil
}

func marker(what, name string) string { return fmt.Sprintf("<!-- %s %s -->", what, name) }

// Files are what the folder docs should have, by path: the page called name with
// its sections filled, and the plots by their names.
func Files(docs, name string, sections []Section, plots map[string]string) (map[string]string, error) {
	path := filepath.Join(docs, name)
	text, err := os.ReadFile(path) // #nosec G304 -- of whoever calls
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	filled, err := fill(string(text), sections)
	if err != nil {
		return nil, err
	}
	files := map[string]string{path: filled}
	for plot, drawn := range plots {
		files[filepath.Join(docs, plot)] = drawn
	}
	return files, nil
}

// Write writes files by path.
func Write(files map[string]string) error {
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil { // #nosec G306 -- a page for everybody
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	return nil
}

// Publish prints sections. With docs, the folder of pages, it also writes the page
// called name and the plots, and has save keep what they are made of.
func Publish(docs, name string, sections []Section, plots map[string]string, save func() error) error {
	for _, s := range sections {
		fmt.Printf("%s\n", s.Text)
	}
	if docs == "" {
		return nil
	}
	files, err := Files(docs, name, sections, plots)
	if err != nil {
		return err
	}
	if err := Write(files); err != nil {
		return err
	}
	return save()
}
