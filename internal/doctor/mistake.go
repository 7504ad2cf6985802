package doctor

import "slices"

// mistake is one way to sign wrongly.
type mistake struct {
	Finding
	change func(*draft)
	field  string // that it sets; two mistakes of one field do not go together; empty: any do
	alone  bool   // it is a mere guess, and not tried with a second mistake
}

// of makes a mistake.
func of(code, what, fix string, change func(*draft)) mistake {
	return mistake{Finding: Finding{code, what, fix}, change: change}
}

// mistakes are all that there could be in a request, likelier ones first. The
// order is fixed: it decides between those that give the same signature.
func mistakes(r *reading, right *draft) []mistake {
	families := []func(*reading, *draft) []mistake{
		addressMistakes, pathMistakes, leftOut, added, wireMistakes, encodingMistakes,
		secretMistakes, hashMistakes, orderMistakes, methodMistakes, structureMistakes, leftOutAlone, localAddresses,
	}
	var all []mistake
	for _, family := range families {
		all = append(all, family(r, right)...)
	}
	return all
}

// made is the draft with mistakes in it.
func (d *draft) made(wrong ...mistake) *draft {
	changed := *d
	for _, m := range wrong {
		m.change(&changed)
	}
	return &changed
}

// kept is the parameters that keep says, in a new slice.
func kept(params []param, keep func(*param) bool) []param {
	return slices.DeleteFunc(slices.Clone(params), func(p param) bool { return !keep(&p) })
}

// edited is the parameters as edit makes them, in a new slice.
func edited(params []param, edit func(*param)) []param {
	params = slices.Clone(params)
	for i := range params {
		edit(&params[i])
	}
	return params
}
