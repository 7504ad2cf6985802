package dynamodbtest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

func TestDynoxideIsFetchedOnceForAll(t *testing.T) {
	pack := packOf(t, "package/dynoxide", "a program")
	npmGives(t, pack)
	b, cache := build{"test", integrity(pack)}, t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { wantProgram(t, b, cache, "a program") })
	}
	all.Wait()
	path(t, nil) // without npm, only what is kept can be had
	wantProgram(t, b, cache, "a program")
	if left, err := filepath.Glob(filepath.Join(cache, "dynoxide", "*", "*", "fetch-*")); len(left) != 0 || err != nil {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestAnotherPackageIsRefused(t *testing.T) {
	npmGives(t, packOf(t, "package/dynoxide", "another program"))
	b, cache := build{"test", integrity([]byte("the package"))}, t.TempDir()
	for range 2 {
		if _, err := b.binary(cache); !errors.Is(err, errIntegrity) {
			t.Errorf("got %v, want %v", err, errIntegrity)
		}
	}
}

func TestAPackageWithoutTheProgramIsAnError(t *testing.T) {
	pack := packOf(t, "package/README.md", "no program")
	npmGives(t, pack)
	_, err := build{"test", integrity(pack)}.binary(t.TempDir())
	wantInError(t, err, "package/dynoxide")
}

func TestAPlatformWithoutAPinIsAnError(t *testing.T) {
	_, err := pinned("plan9", runtime.GOARCH)
	wantInError(t, err, "plan9")
}

func wantProgram(t *testing.T, b build, cache, want string) {
	t.Helper()
	path, err := b.binary(cache)
	if err != nil {
		t.Error(err)
		return
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("got %q, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode()&0o111 == 0 {
		t.Errorf("not executable: %v %v", info, err)
	}
}

// npmGives puts a command called npm into PATH that delivers pack as the
// package of the platform called test.
func npmGives(t *testing.T, pack []byte) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pack.tgz")
	if err := os.WriteFile(file, pack, 0o644); err != nil {
		t.Fatal(err)
	}
	path(t, map[string]string{"npm": "/bin/cp '" + file + "' dynoxide-test-" + dynoxideVersion + ".tgz"})
}

// packOf makes a package of one file.
func packOf(t *testing.T, name, content string) []byte {
	t.Helper()
	var pack bytes.Buffer
	zipped := gzip.NewWriter(&pack)
	files := tar.NewWriter(zipped)
	header := tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}
	err := files.WriteHeader(&header)
	_, errWrite := files.Write([]byte(content))
	if err := errors.Join(err, errWrite, files.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return pack.Bytes()
}
