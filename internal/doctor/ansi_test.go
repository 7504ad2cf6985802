package doctor

import (
	"slices"
	"testing"
)

func TestAnsiQuoting(t *testing.T) {
	for text, want := range map[string]string{
		`$'it%27s\u0021'`:           "it%27s!",
		`$'it\'s\041'`:              "it's!",
		`$'\u00e9\x21\xc3\xa9'`:     "é!é",
		`$'\u21g'`:                  "!g",
		`$'\U0001F600\ud83d\ude00'`: "😀😀",
		`$'\ud83d!\ud83d\u0021'`:    "\uFFFD!\uFFFD!",
		`$'\0419\7'`:                "!9\a",
		`$'\a\b\e\E\f\n\r\t\v'`:     "\a\b\x1b\x1b\f\n\r\t\v",
		`$'\\\"\?\!'`:               `\"?!`,
		`$'\xg\ug\Ug\8\q'`:          `\xg\ug\Ug\8\q`,
		`'\u0021'"\u0021\"\\"`:      `\u0021\u0021"\`,
	} {
		if got, err := words(text); err != nil || !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %q, %v, want %q", text, got, err, want)
		}
	}
}
