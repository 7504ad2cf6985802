package dynamodbtest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"
)

const dynoxideVersion = "1.2.1"

var errIntegrity = errors.New("not the package that is pinned")

// build is dynoxide for one platform, as npm publishes it.
type build struct {
	platform  string // as in @dynoxide/PLATFORM
	integrity string // what npm view @dynoxide/PLATFORM@VERSION dist.integrity prints
}

// pinned returns the build for a platform of Go. Dynoxide is made for macOS,
// Windows and Linux on ARM too; a platform works once its integrity is here.
func pinned(goos, goarch string) (build, error) {
	switch goos + "/" + goarch {
	case "linux/amd64":
		return build{"linux-x64", "sha512-sBHqlxJ9ANkLluFkYRfd5r8Y0ApFew4FhOrlhgRAgD4XzEoFOukEo1nuBTQ1+jTtofqwn4NWQ2k0Tn5mNTjgUg=="}, nil
	}
	return build{}, fmt.Errorf("no package is pinned for %s/%s", goos, goarch)
}

func startDynoxide(cache string) (engine, error) {
	b, err := pinned(runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return engine{}, err
	}
	binary, err := b.binary(cache)
	if err != nil {
		return engine{}, err
	}
	p := program{
		command: func(port int) []string { return []string{binary, "--port", strconv.Itoa(port)} },
		ready:   "listening on",
		limit:   10 * time.Second,
	}
	return p.start()
}

// binary returns the path of the program below cache, and fetches it first if
// it is not there. Processes may fetch side by side: each renames a whole file
// into place.
func (b build) binary(cache string) (string, error) {
	dir := filepath.Join(cache, "dynoxide", dynoxideVersion, b.platform)
	path := filepath.Join(dir, "dynoxide")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { // #nosec G301 -- a cache of a public program
		return "", err
	}
	work, err := os.MkdirTemp(dir, "fetch-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	fetched, err := b.fetch(work)
	if err != nil {
		return "", err
	}
	return path, os.Rename(fetched, path)
}

// fetch puts the program into the folder work and returns its path.
func (b build) fetch(work string) (string, error) {
	name := fmt.Sprintf("@dynoxide/%s@%s", b.platform, dynoxideVersion)
	npm := exec.Command("npm", "pack", name, "--ignore-scripts", "--loglevel=error") // #nosec G204 -- the words are constants of this package
	npm.Dir = work
	if output, err := npm.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack %s: %w %s", name, err, bytes.TrimSpace(output))
	}
	file := fmt.Sprintf("dynoxide-%s-%s.tgz", b.platform, dynoxideVersion)
	pack, err := os.ReadFile(filepath.Join(work, file)) // #nosec G304 -- in a folder that this process made
	if err != nil {
		return "", err
	}
	if got := integrity(pack); got != b.integrity {
		return "", fmt.Errorf("%s: %w: it has %s, pinned is %s", name, errIntegrity, got, b.integrity)
	}
	path := filepath.Join(work, "dynoxide")
	return path, unpack(pack, path)
}

// integrity is what npm calls so: the hash of a package as it is downloaded.
func integrity(pack []byte) string {
	sum := sha512.Sum512(pack)
	return "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
}

// unpack writes the program in pack, a gzipped tar, to path.
func unpack(pack []byte, path string) error {
	plain, err := gzip.NewReader(bytes.NewReader(pack))
	if err != nil {
		return err
	}
	files := tar.NewReader(plain)
	for {
		header, err := files.Next()
		if err != nil {
			return fmt.Errorf("package/dynoxide in the package: %w", err)
		}
		if header.Name == "package/dynoxide" {
			return writeProgram(path, files)
		}
	}
}

func writeProgram(path string, from io.Reader) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755) // #nosec G302 G304 -- a public program to be run, in a folder that this process made
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return errors.Join(err, file.Close())
}
