package main

import (
	"fmt"
	"testing"
)

func TestExitCodes(t *testing.T) {
	inDeployment(t)
	for _, test := range []struct {
		want int
		args []string
	}{
		{exitFine, []string{"version"}},
		{exitFine, []string{"client"}},
		{exitUsage, []string{"nonsense"}},
		{exitUsage, []string{"client", "nonsense"}},
		{exitUsage, []string{"client", "create"}},
		{exitUsage, []string{"client", "create", "c", "--nonsense"}},
		{exitUsage, []string{"client", "create", "c"}},
		{exitUsage, []string{"user", "sign-out"}},
		{exitUsage, []string{"key", "retire", "x"}},
		{exitMissing, []string{"user", "sign-out", "nobody"}},
		{exitMissing, []string{"key", "retire", "9"}},
		{exitFailure, []string{"client", "create", "c", "--grants", "password", "--keys", "/none"}},
	} {
		if code, _, stderr := run(t, "", test.args...); code != test.want {
			t.Errorf("%v: exit code %d, want %d: %s", test.args, code, test.want, stderr)
		}
	}
	t.Setenv("REGISTRY_TABLE", "")
	if code, _, stderr := run(t, "", "user", "sign-out", "nobody"); code != exitUsage {
		t.Errorf("without a deployment: exit code %d: %s", code, stderr)
	}
	if code := exitCode(fmt.Errorf("what was tried: %w", missing("nobody"))); code != exitMissing {
		t.Errorf("wrapped: exit code %d", code)
	}
}
