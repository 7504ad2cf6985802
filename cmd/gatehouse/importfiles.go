package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"gatehouse/internal/importer"
)

// checkApart finds a file that an import would both read and write, or write
// twice.
func (o *importOptions) checkApart(inputs []string) error {
	files := append([]string{}, inputs...)
	if o.keys != "" {
		files = append(files, o.keys)
	}
	for _, written := range []struct{ flag, name string }{{"state", o.state}, {"report", o.report}} {
		if written.name == "" {
			continue
		}
		for _, file := range files {
			if sameFile(written.name, file) {
				return usage("--%s %s is %s, which is read or written as well: name another file", written.flag, written.name, file)
			}
		}
		files = append(files, written.name)
	}
	return nil
}

// sameFile reports whether two names are of one file, which need not be there.
func sameFile(a, b string) bool {
	whole := func(name string) string {
		path, err := filepath.Abs(name)
		if folder, linked := filepath.EvalSymlinks(filepath.Dir(path)); err == nil && linked == nil {
			return filepath.Join(folder, filepath.Base(path))
		}
		return path
	}
	first, errFirst := os.Stat(a)
	second, errSecond := os.Stat(b)
	return whole(a) == whole(b) || errFirst == nil && errSecond == nil && os.SameFile(first, second)
}

// openState opens the file that remembers what was done, which a dry run only
// reads.
func (o *importOptions) openState(owner importer.Owner) (*importer.State, func() error, error) {
	nothing := func() error { return nil }
	mode := os.O_RDWR | os.O_CREATE | os.O_APPEND
	if o.dryRun {
		mode = os.O_RDONLY
	}
	if o.state == "" {
		return nil, nothing, nil
	}
	file, err := os.OpenFile(o.state, mode, 0o600) // #nosec G304 -- the file that its user names
	switch {
	case o.dryRun && errors.Is(err, fs.ErrNotExist):
		return nil, nothing, nil
	case err != nil:
		return nil, nil, fmt.Errorf("--state: %w", err)
	}
	state, err := importer.NewState(file, file, owner)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("--state %s: %w", o.state, err), file.Close())
	}
	return state, file.Close, nil
}

// reportFile is the file for the refusals; nil: there is none.
type reportFile struct{ *os.File }

// openReport opens the file for the refusals before anything is written. What is
// in it stays until there is another report; what is none is not written over.
func openReport(name string) (*reportFile, error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600) // #nosec G304 -- the file that its user names
	if errors.Is(err, fs.ErrPermission) {                        // such as that of a pipe, which takes no reading
		file, err = os.OpenFile(name, os.O_WRONLY, 0o600) // #nosec G304 -- as above
	}
	if err != nil {
		return nil, fmt.Errorf("--report: %w", err)
	}
	if isRegular(file) && !isReport(file) {
		return nil, errors.Join(usage("--report %s is there, and no report of an import: name another file", name), file.Close())
	}
	return &reportFile{file}, nil
}

func isRegular(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode().IsRegular()
}

// isReport reports whether a file is empty or begins as a report does.
func isReport(file *os.File) bool {
	lines := bufio.NewScanner(file)
	if !lines.Scan() {
		return lines.Err() == nil
	}
	var line importer.Refusal
	return json.Unmarshal(lines.Bytes(), &line) == nil && line.File != "" && line.Reason != ""
}

// write writes a line about each record that was refused, in place of what was
// there.
func (r *reportFile) write(refused []importer.Refusal) error {
	if r == nil {
		return nil
	}
	out := bufio.NewWriter(r)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	var err error
	if isRegular(r.File) {
		_, seek := r.Seek(0, io.SeekStart)
		err = cmp.Or(seek, r.Truncate(0))
	}
	for i := 0; i < len(refused) && err == nil; i++ {
		err = encoder.Encode(refused[i])
	}
	if err = cmp.Or(err, out.Flush()); err != nil {
		return fmt.Errorf("--report: %w", err)
	}
	return nil
}

func (r *reportFile) close() error {
	if r == nil {
		return nil
	}
	return r.Close()
}
