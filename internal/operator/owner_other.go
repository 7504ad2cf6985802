//go:build !unix

package operator

import (
	"errors"
	"io/fs"
)

// isMine cannot tell on systems whose files have no owner as Unix has them.
func isMine(fs.FileInfo) (bool, error) {
	return false, errors.New("operator: this system cannot tell whose a folder is")
}
