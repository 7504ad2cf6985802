package cold

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// 128 MB is 7 % of a core: 1.447 ms of each 20 ms.
func TestShareByVersion(t *testing.T) {
	for _, test := range []struct {
		name, has string // the file that tells the version
		within    string
		want      map[string]string
	}{
		{"1", "cpu/cpu.shares", "cpu", map[string]string{"cpu.cfs_period_us": "20000", "cpu.cfs_quota_us": "1447", "cgroup.procs": "7"}},
		{"2", "cgroup.controllers", "", map[string]string{"cpu.max": "1447 20000", "cgroup.procs": "7", "../cgroup.subtree_control": "+cpu"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			has := filepath.Join(root, test.has)
			if err := errors.Join(os.MkdirAll(filepath.Dir(has), 0o750), write(has, "")); err != nil {
				t.Fatal(err)
			}
			share, err := newShare(root, 128)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Dir(share.folder) != filepath.Join(root, test.within) {
				t.Errorf("it is in %s", share.folder)
			}
			if err := share.take(7); err != nil {
				t.Error(err)
			}
			for name, want := range test.want {
				if got, err := os.ReadFile(filepath.Join(share.folder, name)); string(got) != want {
					t.Errorf("%s has %q, want %q (%v)", name, got, want, err)
				}
			}
		})
	}
}

func TestNoShareIsSaid(t *testing.T) {
	if _, err := newShare(t.TempDir(), 128); !errors.Is(err, ErrNoShare) {
		t.Errorf("%v of a kernel without control groups", err)
	}
}

// Where the machine lets us, the kernel holds a process back that would use a
// whole core. Where it does not, that is said, and nothing is measured.
func TestShareHoldsBack(t *testing.T) {
	share, err := NewShare(128)
	if err != nil {
		if !errors.Is(err, ErrNoShare) {
			t.Error(err)
		}
		return
	}
	busy := exec.Command("sh", "-c", "while :; do :; done")
	if err := busy.Start(); err != nil {
		t.Fatal(err)
	}
	if err := share.take(busy.Process.Pid); err != nil {
		t.Error(err)
	}
	var periods, held int
	for err == nil && periods < 20 {
		periods, held, err = share.periods()
	}
	_ = busy.Process.Kill()
	_ = busy.Wait()
	if err != nil || held == 0 {
		t.Errorf("held back in %d of %d periods (%v)", held, periods, err)
	}
	if err := share.Close(); err != nil {
		t.Error(err)
	}
}

// periods are those in which processes of the share ran, and were held back.
func (s *Share) periods() (all, held int, err error) {
	text, err := os.ReadFile(filepath.Join(s.folder, "cpu.stat"))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch name {
		case "nr_periods":
			_, err = fmt.Sscan(value, &all)
		case "nr_throttled":
			_, err = fmt.Sscan(value, &held)
		}
		if err != nil {
			return 0, 0, err
		}
	}
	return all, held, nil
}

func TestWithoutItsShareNothingIsMeasured(t *testing.T) {
	ended := &Share{filepath.Join(t.TempDir(), "ended")}
	_, _, err := Function{Command: []string{built(t, "../bare")}, Share: ended}.Run(t.Context(), []byte("{}"))
	if err == nil || !strings.Contains(err.Error(), "limit the process") {
		t.Errorf("%v is not that it was not limited", err)
	}
}
