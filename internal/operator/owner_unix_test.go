//go:build unix

package operator

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// ownedBy is what a file system says of a folder of another user.
type ownedBy struct {
	fs.FileInfo
	uid int
}

func (o ownedBy) Sys() any { return &syscall.Stat_t{Uid: uint32(o.uid)} } // #nosec G115 -- the id of a user

func TestOwnerOf(t *testing.T) {
	info, err := os.Lstat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, uid := range []int{0, os.Getuid() + 1} {
		if owner, err := ownerOf(ownedBy{info, uid}); owner != uid || err != nil {
			t.Errorf("of user %d: %d, %v", uid, owner, err)
		}
	}
	if owner, err := ownerOf(info); owner != os.Getuid() || err != nil {
		t.Errorf("one that this test made: %d, %v", owner, err)
	}
}

// Who can rename the folder could be the server from then on, although the
// folder was its user's own when it was looked at.
func TestFoldersInFoldersOfOthers(t *testing.T) {
	for mode, want := range map[fs.FileMode]string{
		0o700: "", 0o755: "", 0o777 | fs.ModeSticky: "", 0o770 | fs.ModeSticky: "",
		0o777: "mode is 777", 0o770: "mode is 770", 0o702: "mode is 702",
	} {
		at := folder(t)
		if err := os.Chmod(filepath.Dir(at), mode); err != nil { // #nosec G302 -- what is tested
			t.Fatal(err)
		}
		listener, err := Listen(t.Context(), []string{at}, 1)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("in a folder of mode %v: %v, want %q", mode, err, want)
		}
		if err == nil {
			listener.Close()
		}
	}
	info, err := os.Stat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for uid, refused := range map[int]bool{root: false, os.Getuid(): false, os.Getuid() + 1: true} {
		if err := checkParent("x", ownedBy{info, uid}); (err != nil) != refused {
			t.Errorf("in a folder of user %d: %v", uid, err)
		}
	}
}
