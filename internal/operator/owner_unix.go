//go:build unix

package operator

import (
	"fmt"
	"io/fs"
	"syscall"
)

// ownerOf is the id of the user whose is what info is about.
func ownerOf(info fs.FileInfo) (int, error) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("operator: nobody knows whose %s is", info.Name())
	}
	return int(stat.Uid), nil
}
