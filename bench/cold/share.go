package cold

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// memoryOfACore is how much memory a Lambda function has that has the whole of
// one core, in MB; with less it has as much less of the core.
const memoryOfACore = 1769

// period is how often a function has its share anew.
const period = 20 * time.Millisecond

// groups is where the kernel has its control groups.
const groups = "/sys/fs/cgroup"

// ErrNoShare is that this machine does not let us limit processes.
var ErrNoShare = errors.New("control groups cannot be made here, which takes root")

// Share is a control group of the kernel's scheduler: in every period its
// processes run until they have used their quota, and wait for the next one.
type Share struct{ folder string }

// NewShare is the share that Lambda gives to a function with memory, in MB. It
// fails with ErrNoShare where there can't be one.
func NewShare(memory int) (*Share, error) {
	return newShare(groups, memory)
}

// newShare takes version 2 of control groups where the kernel has its scheduler
// in it, and version 1 elsewhere.
func newShare(root string, memory int) (*Share, error) {
	name := fmt.Sprintf("gatehouse-bench-%d", os.Getpid())
	each := period.Microseconds()
	quota := each * int64(memory) / memoryOfACore
	if _, err := os.Stat(filepath.Join(root, "cgroup.controllers")); err == nil {
		control := filepath.Join(root, "cgroup.subtree_control")
		if err := write(control, "+cpu"); err != nil {
			return nil, errors.Join(ErrNoShare, err)
		}
		return group(filepath.Join(root, name), [][2]string{{"cpu.max", fmt.Sprintf("%d %d", quota, each)}})
	}
	return group(filepath.Join(root, "cpu", name), [][2]string{
		{"cpu.cfs_period_us", strconv.FormatInt(each, 10)}, {"cpu.cfs_quota_us", strconv.FormatInt(quota, 10)}})
}

func group(folder string, limits [][2]string) (*Share, error) {
	if err := os.Mkdir(folder, 0o750); err != nil {
		return nil, errors.Join(ErrNoShare, err)
	}
	s := &Share{folder}
	for _, limit := range limits {
		if err := write(filepath.Join(folder, limit[0]), limit[1]); err != nil {
			return nil, errors.Join(ErrNoShare, err, s.Close())
		}
	}
	return s, nil
}

func write(path, text string) error {
	return os.WriteFile(path, []byte(text), 0o600)
}

// take has the process, with all its threads, be of the share from now on.
func (s *Share) take(process int) error {
	if err := write(filepath.Join(s.folder, "cgroup.procs"), strconv.Itoa(process)); err != nil {
		return fmt.Errorf("limit the process: %w", err)
	}
	return nil
}

// Close ends the share, whose processes must have ended.
func (s *Share) Close() error {
	if err := os.Remove(s.folder); err != nil {
		return fmt.Errorf("end the share: %w", err)
	}
	return nil
}
