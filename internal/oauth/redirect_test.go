package oauth

import "testing"

func TestRedirect(t *testing.T) {
	client := Client{RedirectURIs: []string{"https://good.com/cb", "https://good.com/cb?a=1", "http://127.0.0.1/cb",
		"http://[::1]:7000/cb?x=1", "http://localhost/cb", "com.example.app:/cb"}}
	for _, asked := range []string{"https://good.com/cb", "https://good.com/cb?a=1", "http://127.0.0.1/cb",
		"http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb", "http://[::1]/cb?x=1", "http://[::1]:9/cb?x=1",
		"http://localhost/cb", "com.example.app:/cb"} {
		if uri, ok := client.Redirect(asked); !ok || uri != asked {
			t.Errorf("%s: %q, %v", asked, uri, ok)
		}
	}
	for _, asked := range []string{
		"https://evil.com", "https://evil.com#good.com", "https://evil.com#https://good.com/cb", "https://good.com@evil.com/cb",
		"https://good.com:443/cb", "https://good.com/cb/", "https://good.com/cb/../evil", "https://good.com//cb", "https://good.com/CB",
		"https://GOOD.com/cb", "https://good.com.evil.com/cb", "https://evilgood.com/cb", "https://good.com/cb?a=1&b=2", "https://good.com/cb?",
		"https://good.com/cb#", "https://good.com/c%62", " https://good.com/cb", "https://good.com/cb ", "https://good.com\\@evil.com/cb",
		"http://good.com/cb", "//good.com/cb", "/cb", "javascript:alert(1)", "data:text/html,x",
		"http://127.0.0.1:80@evil.com/cb", "http://127.0.0.1@evil.com/cb", "http://127.0.0.1.evil.com/cb", "http://127.0.0.1:/cb",
		"http://127.0.0.1:123456/cb", "http://127.0.0.1:65536/cb", "http://127.0.0.1:-1/cb", "http://127.0.0.1:+1/cb", "http://127.0.0.1:8a/cb", "http://127.0.0.1:80/cb/x", "http://127.0.0.1:80/", "http://127.0.0.1:80",
		"http://127.0.0.1:80/cb?x", "http://127.0.0.1:80/cb#x", "http://[::1]:9/cb", "https://127.0.0.1:80/cb", "http://127.0.0.2/cb",
		"http://localhost:80/cb", "http://127.1/cb", "http://2130706433/cb", "com.example.app:/cb/x", "com.example.app://cb", "",
	} {
		if uri, ok := client.Redirect(asked); ok {
			t.Errorf("%q was taken as %q", asked, uri)
		}
	}
}

func TestRedirectLeftOut(t *testing.T) {
	one := Client{RedirectURIs: []string{"https://good.com/cb"}}
	if uri, ok := one.Redirect(""); !ok || uri != "https://good.com/cb" {
		t.Errorf("the only one: %q, %v", uri, ok)
	}
	if _, ok := new(Client).Redirect(""); ok {
		t.Error("none is registered")
	}
	if _, ok := (&Client{RedirectURIs: []string{""}}).Redirect("https://evil.com"); ok {
		t.Error("an empty registration allows everything")
	}
}
