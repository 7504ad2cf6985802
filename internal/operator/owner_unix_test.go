//go:build unix

package operator

import (
	"io/fs"
	"os"
	"syscall"
	"testing"
)

// ownedBy is what a file system says of a folder of another user.
type ownedBy struct {
	fs.FileInfo
	uid int
}

func (o ownedBy) Sys() any { return &syscall.Stat_t{Uid: uint32(o.uid)} } // #nosec G115 -- the id of a user

func TestIsMine(t *testing.T) {
	info, err := os.Lstat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for uid, want := range map[int]bool{os.Getuid(): true, os.Getuid() + 1: false} {
		if mine, err := isMine(ownedBy{info, uid}); mine != want || err != nil {
			t.Errorf("of user %d: %t, %v", uid, mine, err)
		}
	}
	if mine, err := isMine(info); !mine || err != nil {
		t.Errorf("one that this test made: %t, %v", mine, err)
	}
}
