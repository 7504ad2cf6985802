package authenticator

import (
	"encoding/json"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

func TestQuestion(t *testing.T) {
	for _, test := range []struct {
		from netip.Addr
		want string
	}{
		{netip.MustParseAddr("192.0.2.1"), "192.0.2.1"},
		{netip.MustParseAddr("::ffff:192.0.2.1"), "192.0.2.1"},
		{netip.MustParseAddr("2001:db8::1"), "2001:db8::1"},
		{netip.Addr{}, ""},
	} {
		text, err := Question(oauth.SignIn{Name: `ali"ce ✓`, Password: oauth.NewSecret("p\x00<&> ü"), Source: test.from, Client: "mobile"})
		var got map[string]string
		if err != nil || json.Unmarshal(text, &got) != nil {
			t.Fatalf("%s, %v", text, err)
		}
		want := map[string]string{"username": `ali"ce ✓`, "password": "p\x00<&> ü", "address": test.want, "client": "mobile"}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestAnswers(t *testing.T) {
	for text, want := range map[string]oauth.User{
		`{"user":{"id":"42","name":"Alice"}}`:                                         {ID: "42", Name: "Alice"},
		` { "user" : { "name" : "A ✓", "id" : "a b/c" } }`:                            {ID: "a b/c", Name: "A ✓"},
		`{"user":{"id":"42"}}`:                                                        {ID: "42", Name: "typed"},
		`{"user":{"id":"42","name":"","more":[1]},"v":2}`:                             {ID: "42", Name: "typed"},
		`{"v":{"user":{},"user":1},"user":{"id":"42","User":null,"more":{"id":"7"}}}`: {ID: "42", Name: "typed"},
		`{"user":{"id":"` + strings.Repeat("i", 128) + `"}}`:                          {ID: strings.Repeat("i", 128), Name: "typed"},
	} {
		if got, right, err := Answered([]byte(text), "typed"); err != nil || !right || got != want {
			t.Errorf("%s: %+v, %v, %v, want %+v", text, got, right, err, want)
		}
	}
	if got, right, err := Answered([]byte(` {"user": null}`), "typed"); err != nil || right || got != (oauth.User{}) {
		t.Errorf("null: %+v, %v, %v", got, right, err)
	}
}

// Each of these is neither a right password nor a wrong one.
func TestNoAnswers(t *testing.T) {
	for want, texts := range map[error][]string{
		errAnswer: {"", " ", "null", "true", `"user"`, "[]", "{}", `{"User":null}`, `{"user":null`, `{"user":null}}`, `{"user":null} {"user":{"id":"1"}}`,
			`{"user":false}`, `{"user":0}`, `{"user":""}`, `{"user":[]}`, `{"user":"42"}`, `{"id":"42","name":"Alice"}`, `{"errorMessage":"x","errorType":"y"}`,
			`{"user":{"id":42}}`, `{"user":{"id":null,"name":"Alice"}}`, `{"user":{"id":["42"]}}`, `{"user":{"id":"42","name":null}}`,
			`{"user":{"id":"42","name":7}}`, "{\"user\":{\"id\":\"\xff\"}}", "{'user':null}", "<html>", "\xef\xbb\xbf{\"user\":null}", `{"user":NaN}`,
			"{\"user\":{\"id\":\"a\nb\"}}", `{"user":null,"user":{"id":"1"}}`, `{"user":{"id":"1"},"user":null}`, `{"user":{"id":"1"},"user":{"id":"1"}}`,
			`{"user":null,"us\u0065r":{"id":"1"}}`, `{"user":{"id":"1","id":"2"}}`, `{"user":{"id":"1","i\u0064":"2"}}`, `{"user":{"id":"1","name":"a","name":"b"}}`,
			`{"v":1,"user":{"id":"1"},"v":2}`, `{"user":{"id":"1","x":[],"x":{}}}`},
		errID: {`{"user":{}}`, `{"user":{"id":""}}`, `{"user":{"ID":"42"}}`, `{"user":{"name":"Alice"}}`, `{"user":{"id":"a\u0000b"}}`, `{"user":{"id":"a\nb"}}`,
			`{"user":{"id":"ü"}}`, `{"user":{"id":"\u007f"}}`, `{"user":{"id":"` + strings.Repeat("i", 129) + `"}}`},
		errName:     {`{"user":{"id":"42","name":"a\u0007"}}`, `{"user":{"id":"42","name":"a\u0085"}}`, `{"user":{"id":"42","name":"` + strings.Repeat("n", 257) + `"}}`},
		errTooLarge: {`{"user":null}` + strings.Repeat(" ", maxAnswer), strings.Repeat("[", maxAnswer+1)},
	} {
		for _, text := range texts {
			if got, right, err := Answered([]byte(text), "typed"); !errors.Is(err, want) || right || got != (oauth.User{}) {
				t.Errorf("%.60q: %+v, %v, %v, want %v", text, got, right, err, want)
			}
		}
	}
	if _, _, err := Answered([]byte(`{"user":{"id":"42"}}`), strings.Repeat("n", 257)); !errors.Is(err, errName) {
		t.Errorf("a long name that was typed: %v", err)
	}
}

func TestParseARN(t *testing.T) {
	for _, text := range []string{"arn:aws:lambda:eu-central-1:123456789012:function:check", "arn:aws-cn:lambda:cn-north-1:123456789012:function:a_b-C:live",
		"arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:check:$LATEST"} {
		if got, err := ParseARN(text); err != nil || got != text {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "check", "arn:aws:lambda:eu-central-1:123456789012:function:", "arn:aws:lambda:eu-central-1:12345678901:function:check",
		"arn:aws:s3:::bucket", "arn:aws:lambda:eu-central-1:123456789012:function:check/..", "arn:aws:lambda:eu-central-1:123456789012:function:check\n",
		"arn:aws:lambda:*:123456789012:function:check", "arn:aws:lambda:eu-central-1:123456789012:function:*", "arn:aws:lambda:eu-central-1:123456789012:layer:check"} {
		if got, err := ParseARN(text); !errors.Is(err, ErrARN) || got != "" {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func FuzzAnswered(f *testing.F) {
	f.Add([]byte(`{"user":{"id":"42","name":"Alice"}}`))
	f.Add([]byte(`{"user":null}`))
	f.Add([]byte(`{"user":{"id":"","name":null}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		user, right, err := Answered(text, "typed")
		switch {
		case err != nil && (right || user != oauth.User{}):
			t.Fatalf("%q: a failure says %+v, %v", text, user, right)
		case right != (user != oauth.User{}) || right && (user.ID == "" || user.Name == "" || len(user.ID) > maxID || len(user.Name) > maxName):
			t.Fatalf("%q: %+v, %v", text, user, right)
		case right && (user.PasswordHash != "" || user.Disabled):
			t.Fatalf("%q: %+v has more than an answer can say", text, user)
		}
	})
}
