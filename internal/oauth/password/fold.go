package password

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// folded is name without what somebody who is asked elsewhere may not see: case,
// accents, compatibility forms (UAX #15), white space and what has no look of its
// own. Two users whose names become one are counted as one, which is why a right
// sign-in of either takes back no more than itself.
func folded(name string) string {
	// The two that become two letters by their case: upper-cased, folded or both.
	longer := strings.NewReplacer("ß", "ss", "ẞ", "ss", "\u0345", "ι")
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.M, unicode.C, unicode.Z, unicode.White_Space, unicode.Other_Default_Ignorable_Code_Point) {
			return -1
		}
		return caseless(r)
	}, longer.Replace(norm.NFKD.String(name)))
}

// caseless is the least of the letters that differ by case alone from r, and
// from what r is in upper case: the dotless ı is an I there.
func caseless(r rune) rune {
	upper := unicode.ToUpper(r)
	least := upper
	for other := unicode.SimpleFold(upper); other != upper; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	return least
}
