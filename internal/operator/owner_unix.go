//go:build unix

package operator

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// isMine reports whether what info is about belongs to the user of this
// process.
func isMine(info fs.FileInfo) (bool, error) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false, fmt.Errorf("operator: nobody knows whose %s is", info.Name())
	}
	return int(stat.Uid) == os.Getuid(), nil
}
