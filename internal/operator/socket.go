// Package operator lets people administer a Gatehouse that runs on their own
// machine: a server gives them its store and its keys by a Unix domain socket
// that only its own user can reach. It is never a TCP port, since any web page
// and any other user of the machine could reach one.
package operator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// ErrNoServer is where no server listens.
var ErrNoServer = errors.New("operator: no server")

// ErrSilent is where a server listens and does not answer.
var ErrSilent = errors.New("operator: the server does not answer")

// Folders are where a user's sockets may be, the best one first, by the
// variables that get returns, such as os.Getenv.
func Folders(get func(string) string) []string {
	name := "gatehouse-" + strconv.Itoa(os.Getuid())
	folders := []string{filepath.Join(os.TempDir(), name)}
	if runtime := get("XDG_RUNTIME_DIR"); filepath.IsAbs(runtime) {
		folders = append([]string{filepath.Join(runtime, name)}, folders...)
	}
	return folders
}

// Listen makes the socket of the server that clients reach at port, in the first
// of folders that can be made or is its user's alone. It takes the place of one
// that a server left which has ended, and is removed when it is closed.
func Listen(ctx context.Context, folders []string, port int) (net.Listener, error) {
	folder, err := firstFolder(folders)
	if err != nil {
		return nil, err
	}
	path := socketPath(folder, port)
	listener, err := listen(ctx, path)
	if errors.Is(err, syscall.EADDRINUSE) {
		if err := removeLeft(ctx, path); err != nil {
			return nil, err
		}
		listener, err = listen(ctx, path)
	}
	if err != nil {
		return nil, fmt.Errorf("operator: listen at %s: %w", path, err)
	}
	return listener, nil
}

func listen(ctx context.Context, path string) (net.Listener, error) {
	return new(net.ListenConfig).Listen(ctx, "unix", path)
}

func socketPath(folder string, port int) string {
	return filepath.Join(folder, strconv.Itoa(port)+".sock")
}

// removeLeft removes a socket at which nobody listens.
func removeLeft(ctx context.Context, path string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err == nil {
		return errors.Join(fmt.Errorf("operator: another server listens at %s", path), conn.Close())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("operator: what is left at %s: %w", path, err)
	}
	return os.Remove(path)
}

// firstFolder makes or checks the folders until one will do.
func firstFolder(folders []string) (string, error) {
	var faults []error
	for _, folder := range folders {
		err := os.Mkdir(folder, 0o700)
		if err == nil || errors.Is(err, fs.ErrExist) {
			err = checkFolder(folder)
		}
		if err == nil {
			return folder, nil
		}
		faults = append(faults, err)
	}
	return "", errors.Join(faults...)
}

// root may do anything as it is.
const root = 0

// checkFolder refuses a folder that another user made, can look into or can put
// another in the place of: what listens there may be anybody's, and whoever
// connects there may be anybody.
func checkFolder(folder string) error {
	info, err := os.Lstat(folder) // a link may lead anywhere
	if err != nil {
		return fmt.Errorf("operator: %w", err)
	}
	owner, err := ownerOf(info)
	switch {
	case err != nil:
		return err
	case !info.IsDir() || owner != os.Getuid():
		return fmt.Errorf("operator: %s is not a folder of this user", folder)
	case info.Mode().Perm() != 0o700:
		return fmt.Errorf("operator: others may have access to %s: its mode is %o, not 700", folder, info.Mode().Perm())
	}
	parent := filepath.Dir(folder)
	if info, err = os.Stat(parent); err != nil {
		return fmt.Errorf("operator: %w", err)
	}
	return checkParent(parent, info)
}

// checkParent refuses a folder in which another user can rename what is this
// user's own: between the look at that and its use it would be another.
func checkParent(parent string, info fs.FileInfo) error {
	owner, err := ownerOf(info)
	switch shared := info.Mode().Perm()&0o022 != 0 && info.Mode()&fs.ModeSticky == 0; {
	case err != nil:
		return err
	case owner != os.Getuid() && owner != root:
		return fmt.Errorf("operator: %s is another user's, who could change what is in it", parent)
	case shared:
		return fmt.Errorf("operator: others can change what is in %s: its mode is %o, and it is not sticky", parent, info.Mode().Perm())
	}
	return nil
}

// dial connects to the server of port. ErrNoServer when there is none.
func dial(ctx context.Context, folders []string, port int) (net.Conn, error) {
	for _, folder := range folders {
		path := socketPath(folder, port)
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := checkFolder(folder); err != nil {
			return nil, err
		}
		conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
		if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist) {
			continue // its server has ended
		}
		if err != nil {
			return nil, fmt.Errorf("operator: %w", err)
		}
		return conn, nil
	}
	return nil, ErrNoServer
}
