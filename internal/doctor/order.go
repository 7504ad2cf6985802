package doctor

import (
	"cmp"
	"slices"
	"strings"
)

// orderMistakes are about the order of parameters (RFC 5849 §3.4.1.3.2).
func orderMistakes(*reading, *draft) []mistake {
	const fix = "sort them by their encoded names and then by their encoded values, byte by byte"
	return []mistake{
		ofOrder("not_sorted", "the parameters were signed in the order in which they are sent", fix, func([]param) {}),
		ofOrder("not_sorted", "the parameters were signed in the order query, form body, header", fix, backwards),
		ofOrder("not_sorted", "the parameters were signed with those of OAuth behind the others", fix, protocolLast),
		ofOrder("sorted_by_name_only", "parameters of the same name were not sorted by their values", fix,
			by(func(a, b *param) int { return strings.Compare(a.name, b.name) })),
		ofOrder("sorted_before_encoding", "the parameters were sorted before they were encoded", fix,
			by(func(a, b *param) int {
				return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
			})),
		ofOrder("sorted_as_pairs", "the parameters were sorted after names and values were joined with =", fix,
			by(func(a, b *param) int { return strings.Compare(a.pair(), b.pair()) })),
		ofOrder("sorted_without_case", "the parameters were sorted without regard to case", fix,
			by(func(a, b *param) int {
				return cmp.Or(strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)), strings.Compare(strings.ToLower(a.value), strings.ToLower(b.value)))
			})),
	}
}

func ofOrder(code, what, fix string, order func([]param)) mistake {
	m := of(code, what, fix, func(d *draft) { d.order = order })
	m.field = "order"
	return m
}

func by(compare func(a, b *param) int) func([]param) {
	return func(params []param) {
		slices.SortStableFunc(params, func(a, b param) int { return compare(&a, &b) })
	}
}

func backwards(params []param) {
	slices.SortStableFunc(params, func(a, b param) int { return cmp.Compare(b.in, a.in) })
}

// protocolLast sorts the two kinds each for itself.
func protocolLast(params []param) {
	byPairs(params)
	slices.SortStableFunc(params, func(a, b param) int {
		switch {
		case protocol(&a) == protocol(&b):
			return 0
		case protocol(&a):
			return 1
		}
		return -1
	})
}

// structureMistakes are about how the parts of the base string are put
// together (RFC 5849 §3.4.1.1).
func structureMistakes(*reading, *draft) []mistake {
	return []mistake{
		of("parameters_not_escaped_again", "the joined parameters were not percent-encoded in the base string", "encode them once more after they are joined",
			func(d *draft) { d.again = asIs }),
		of("url_not_escaped", "the URL was not percent-encoded in the base string", "encode it", func(d *draft) { d.uriAgain = asIs }),
		of("base_string_not_escaped", "neither URL nor parameters were percent-encoded in the base string", "encode both",
			func(d *draft) { d.again, d.uriAgain = asIs, asIs }),
		of("url_relative", "the URL was signed without scheme and host", "sign the whole URL",
			func(d *draft) { d.scheme = "" }),
	}
}
