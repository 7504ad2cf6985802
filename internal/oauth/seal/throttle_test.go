package seal

import (
	"strings"
	"testing"
)

// A key of a counter is the same wherever it is counted, another one with
// another key, and shows nothing of what is counted.
func TestThrottleKeys(t *testing.T) {
	const address = "192.0.2.1"
	one, other := mustParse(t, `{"current":"1","1":"`+strings.Repeat("a", 40)+`"}`), mustParse(t, `{"current":"1","1":"`+strings.Repeat("b", 40)+`"}`)
	again := mustParse(t, `{"current":"1","1":"`+strings.Repeat("a", 40)+`","2":"`+strings.Repeat("c", 40)+`"}`)
	key := one.ThrottleKey(address)
	if key != again.ThrottleKey(address) {
		t.Error("two functions with one key count apart")
	}
	if key == other.ThrottleKey(address) {
		t.Error("the key makes no difference")
	}
	if key == one.ThrottleKey(address+"0") || strings.Contains(key, "192") || len(key) != 43 {
		t.Errorf("the key of %s is %s", address, key)
	}
}
