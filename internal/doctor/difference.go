package doctor

import (
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// Part is one part of what is signed that differs from what should be. Secrets
// in it are redacted.
type Part struct {
	Name     string // such as "URL" or "parameter"
	Signed   string // empty: nothing
	Expected string // empty: nothing
}

// components are a base string taken apart.
type components struct {
	method, uri string
	pairs       []pair
	again       string // URI and parameters as they stand in the base string
	broken      bool   // it has not three parts
}

// pair is an encoded parameter: as it is, and as it may be shown.
type pair struct{ text, shown string }

func (p pair) name() string {
	name, _, _ := strings.Cut(p.shown, "=")
	return name
}

// difference is between what the mistakes sign and what is right.
func (d *draft) difference(wrong []mistake) []Part {
	var parts []Part
	if shape, right := d.shape(wrong), d.shape(nil); shape != right {
		parts = append(parts, Part{"key, with placeholders for the secrets", shape, right})
	}
	signed := d.made(wrong...)
	if d.hash == 0 || signed.hash == 0 || signed.base() == d.base() {
		return parts
	}
	return append(parts, compared(signed.components(), d.components())...)
}

// shape is the key that the mistakes make, of placeholders instead of secrets.
func (d *draft) shape(wrong []mistake) string {
	placed := *d
	placed.client, placed.spare = oauth.NewSecret("client secret"), oauth.NewSecret("token secret")
	if !d.token.Empty() {
		placed.token = placed.spare
	}
	return string(placed.made(wrong...).pairOfSecrets())
}

func (d *draft) components() components {
	c := components{method: d.method, uri: d.uri()}
	for _, p := range d.encoded() {
		shown := p
		switch {
		case p.hidden:
			shown.name, shown.value = redacted, ""
		case secretive(p.Name):
			shown.value = redacted
		}
		c.pairs = append(c.pairs, pair{p.pair(), shown.pair()})
	}
	c.again = d.uriAgain(c.uri) + "&" + d.again(joinedPairs(c.pairs))
	return c
}

// takeApart reads a base string that somebody else made.
func takeApart(base string) components {
	parts := strings.Split(base, "&")
	if len(parts) != 3 {
		return components{broken: true}
	}
	c := components{method: parts[0], uri: unescaped(parts[1])}
	for _, text := range strings.Split(unescaped(parts[2]), "&") {
		shown := text
		if name, _, _ := strings.Cut(text, "="); secretive(name) {
			shown = name + "=" + redacted
		}
		c.pairs = append(c.pairs, pair{text, shown})
	}
	return c
}

// compared lists what differs, in the order of a base string.
func compared(signed, right components) []Part {
	if signed.broken {
		return []Part{{"base string", "not three parts", "METHOD&URL&PARAMETERS, and every & within them encoded"}}
	}
	var parts []Part
	if signed.method != right.method {
		parts = append(parts, Part{"method", signed.method, right.method})
	}
	if signed.uri != right.uri {
		parts = append(parts, Part{"URL", signed.uri, right.uri})
	}
	parts = append(parts, comparedPairs(signed.pairs, right.pairs)...)
	if parts == nil && signed.again != "" {
		parts = append(parts, Part{"base string", signed.again, right.again})
	}
	return parts
}

func comparedPairs(signed, right []pair) (parts []Part) {
	extra, missing := minus(signed, right), minus(right, signed)
	for _, wrong := range extra {
		part := Part{Name: "parameter", Signed: wrong.shown}
		if i := slices.IndexFunc(missing, func(p pair) bool { return unescaped(p.name()) == unescaped(wrong.name()) }); i >= 0 {
			part.Expected = missing[i].shown
			missing = slices.Delete(missing, i, i+1)
		}
		parts = append(parts, part)
	}
	for _, absent := range missing {
		parts = append(parts, Part{Name: "parameter", Expected: absent.shown})
	}
	if parts == nil && !slices.Equal(signed, right) {
		parts = []Part{{"order", joinedPairs(signed), joinedPairs(right)}}
	}
	return parts
}

// minus is the pairs of a that b does not have as often.
func minus(a, b []pair) []pair {
	left := map[string]int{}
	for _, p := range b {
		left[p.text]++
	}
	var rest []pair
	for _, p := range a {
		if left[p.text]--; left[p.text] < 0 {
			rest = append(rest, p)
		}
	}
	return rest
}

// joinedPairs is the pairs as they may be shown.
func joinedPairs(pairs []pair) string {
	list := make([]string, len(pairs))
	for i, p := range pairs {
		list[i] = p.shown
	}
	return strings.Join(list, "&")
}
