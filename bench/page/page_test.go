package page

import "testing"

func TestFillWantsEachMarkerOnce(t *testing.T) {
	all := []Section{{"a", "x\n"}, {"b", "y\n"}}
	a, b := "<!-- begin a -->\nold\n<!-- end a -->\n", "<!-- begin b -->\n<!-- end b -->\n"
	got, err := fill("1\n"+a+"2\n"+b+"3\n", all)
	if want := "1\n<!-- begin a -->\nx\n<!-- end a -->\n2\n<!-- begin b -->\ny\n<!-- end b -->\n3\n"; got != want || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for _, page := range []string{a, b, "<!-- begin a -->\n" + b, a + b + a, a + b + "<!-- begin c -->\n<!-- end c -->\n"} {
		if _, err := fill(page, all); err == nil {
			t.Errorf("%q was filled", page)
		}
	}
}

func TestTable(t *testing.T) {
	if got, want := Table([]string{"a", "b"}, []string{"1", "2"}), "| a | b |\n|---|---|\n| 1 | 2 |\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
