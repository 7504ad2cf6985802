package stats

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Check is an error where nothing would be measured, or not what was meant: in no
// rounds, or with words on the command line that are no flags.
func Check(rounds int, words []string) error {
	if rounds < 1 {
		return fmt.Errorf("-rounds is %d, and nothing is measured in less than 1", rounds)
	}
	if len(words) > 0 {
		return fmt.Errorf("%q is no flag", words[0])
	}
	return nil
}

// Machine is the processor, as it calls itself, and the compiler.
func Machine() string {
	model := runtime.GOARCH
	text, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value) + ", " + runtime.GOARCH
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s", model, cores(string(text)), runtime.Version())
}

// cores are those of the machine, not those that this process may use.
func cores(cpuinfo string) int {
	return max(strings.Count("\n"+cpuinfo, "\nprocessor"), 1)
}

// Lines are values in JSON, one in each line.
func Lines[T any](values []T) (string, error) {
	var all []string
	for _, value := range values {
		line, err := json.Marshal(value)
		if err != nil {
			return "", fmt.Errorf("encode results: %w", err)
		}
		all = append(all, "    "+string(line))
	}
	return strings.Join(all, ",\n"), nil
}

// Read reads results that were written in JSON.
func Read[T any](path string) (*T, error) {
	text, err := os.ReadFile(path) // #nosec G304 -- of whoever calls
	if err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	into := new(T)
	if err := json.Unmarshal(text, into); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return into, nil
}
