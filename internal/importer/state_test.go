package importer

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

const (
	otherHash   = "$2b$04$abcdefghijklmnopqrstuuIFI/oA9.bUSukNXjwGWs4vxk314OKS."
	renewedHash = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
	leftAlone   = "user alice password_hash: differs from the one here, and the user signed in here since, or has a password of here: left as it is"
)

// owner is the house itself.
func (h *house) owner() Owner { return Owner{Deployment: "the house", Keys: h.Keys, Rand: h.Rand} }

// state is what the next run has of a file.
func (h *house) state(file *bytes.Buffer) *State {
	h.t.Helper()
	state, err := NewState(bytes.NewReader(file.Bytes()), file, h.owner())
	if err != nil {
		h.t.Fatal(err)
	}
	return state
}

func (h *house) hash() string {
	h.t.Helper()
	user, err := h.User(h.t.Context(), "alice")
	if err != nil {
		h.t.Error(err)
	}
	return user.PasswordHash
}

// Whoever changes the password at the older provider between two exports signs
// in with the new one, unless a password of here is there already.
func TestPasswordChangedElsewhere(t *testing.T) {
	newer := strings.Replace(userLine, someHash, otherHash, 1)
	for _, withState := range []bool{true, false} {
		for name, test := range map[string]struct {
			here  func(h *house) error // what happens between the runs
			want  Count
			hash  string
			lines []string
		}{
			"nothing since": {nil, Count{Changed: 1}, otherHash, nil},
			"signed in": {func(h *house) error { return h.Rehash(t.Context(), "alice", someHash, renewedHash) },
				Count{Refused: 1}, renewedHash, []string{"x.jsonl:1: " + leftAlone}},
			"written meanwhile": {func(h *house) error {
				h.look = func() { _ = h.Rehash(t.Context(), "alice", someHash, renewedHash) }
				return nil
			}, Count{Refused: 1}, renewedHash, []string{"x.jsonl:1: user alice password_hash: differs from the one here, and the user was changed here meanwhile: left as it is"}},
		} {
			t.Run(fmt.Sprint(name, withState), func(t *testing.T) {
				h := newHouse(t)
				var file bytes.Buffer
				again := func() {
					if withState {
						h.Done = h.state(&file)
					}
				}
				again()
				h.want("a run", userLine, counts{1: {Created: 1}})
				again()
				h.want("the same", userLine, counts{1: {Unchanged: 1}})
				if test.here != nil {
					if err := test.here(h); err != nil {
						t.Fatal(err)
					}
				}
				if name != "written meanwhile" {
					h.DryRun = true
					h.want("a dry run", newer, counts{1: test.want}, test.lines...)
					h.DryRun = false
				}
				again()
				h.want("another", newer, counts{1: test.want}, test.lines...)
				if got := h.hash(); got != test.hash {
					t.Errorf("the hash is %s, want %s", got, test.hash)
				}
				if test.want.Changed > 0 {
					again()
					h.want("another again", newer, counts{1: {Unchanged: 1}})
				}
			})
		}
	}
}

// With a state a password may change again and again, and a user who was disabled
// meanwhile stays so.
func TestPasswordChangedTwice(t *testing.T) {
	h := newHouse(t)
	var file bytes.Buffer
	h.Done = h.state(&file)
	h.want("a run", userLine, counts{1: {Created: 1}})
	user, _ := h.User(t.Context(), "alice")
	user.Disabled = true
	if err := h.UpdateUser(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{otherHash, renewedHash, someHash} {
		h.Done = h.state(&file)
		h.want(hash, strings.Replace(userLine, someHash, hash, 1), counts{1: {Changed: 1}})
	}
	if user, err := h.User(t.Context(), "alice"); err != nil || user.PasswordHash != someHash || !user.Disabled {
		t.Errorf("%+v, %v", user, err)
	}
	if text := file.String(); strings.Contains(text, someHash) || strings.Contains(text, otherHash) {
		t.Errorf("the state is %s", text)
	}
}

// Users that come with a password are compared by it.
func TestPasswordInTheClear(t *testing.T) {
	h := newHouse(t)
	line := func(password string) string {
		return `{"type":"user","id":"7","name":"alice","password":"` + password + `"}` + "\n"
	}
	var file bytes.Buffer
	h.Done = h.state(&file)
	h.want("a run", line("first"), counts{1: {Created: 1}})
	h.want("another", line("second"), counts{1: {Changed: 1}})
	h.Done = nil
	h.want("the same, without the state", line("second"), counts{1: {Unchanged: 1}})
	h.want("another, without the state", line("third"), counts{1: {Refused: 1}}, "x.jsonl:1: "+strings.Replace(leftAlone, "password_hash", "password", 1))
}

// What was deleted here is not made anew because it changed elsewhere.
func TestGoneAndChanged(t *testing.T) {
	h := newHouse(t)
	var file bytes.Buffer
	h.Done = h.state(&file)
	h.want("a run", appLine+userLine+tokenLine, counts{{Created: 1}, {Created: 1}, {Created: 1}})
	session, _ := h.token("t")
	for _, err := range []error{h.Revoke(t.Context(), oauth.Revocation{ID: session.ID}), h.DeleteUser(t.Context(), "alice")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	h.Done = h.state(&file)
	const gone = "differs from what was imported before, which is here no more: left so"
	h.want("again", strings.Replace(userLine, someHash, otherHash, 1)+strings.Replace(tokenLine, "t-secret", "another", 1)+strings.Replace(appLine, "s3cret", "another", 1),
		counts{{Refused: 1}, {Refused: 1}, {Refused: 1}}, "x.jsonl:1: user alice "+gone, "x.jsonl:2: token 3D7gUeiugBJB9PwjKVx6-g "+gone,
		"x.jsonl:3: client app secret: is another than the one that the client has here")
}

// What is no state, or another deployment's, passes over nothing.
func TestWhatIsNoState(t *testing.T) {
	h, other := newHouse(t), newHouse(t)
	var file bytes.Buffer
	h.Done = h.state(&file)
	h.want("a run", appLine, counts{{Created: 1}})
	ring := func(text string) *seal.Keyring {
		keys, err := seal.ParseKeyring([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return keys
	}
	stranger := other.owner()
	stranger.Deployment = "a test's"
	sameName, retired := h.owner(), h.owner()
	sameName.Keys = ring(`{"current":"1","1":"another key for tests that nobody must ever use"}`)
	retired.Keys = ring(`{"current":"2","2":"another key for tests that nobody must ever use"}`)
	for _, test := range []struct {
		text  string
		owner Owner
		want  string
	}{
		{appLine + userLine, h.owner(), ErrNoState.Error()},
		{"garbage", h.owner(), ErrNoState.Error()},
		{"\n", h.owner(), ErrNoState.Error()},
		{"\x00\x01\n{}\n", h.owner(), ErrNoState.Error()},
		{file.String()[1:], h.owner(), ErrNoState.Error()},
		{strings.Replace(file.String(), `state":1`, `state":2`, 1), h.owner(), "it is of version 2, and this program knows 1"},
		{file.String(), stranger, "it is of another deployment, the house, and this one is a test's"},
		{file.String(), sameName, "it is of another deployment, which has the same name and another keyring"},
		{file.String(), retired, ErrStateRetired.Error()},
	} {
		var out bytes.Buffer
		if state, err := NewState(strings.NewReader(test.text), &out, test.owner); err == nil || err.Error() != test.want || state != nil || out.Len() > 0 {
			t.Errorf("%q: %v, want %s", test.text, err, test.want)
		}
	}
	if _, err := NewState(strings.NewReader(file.String()), &file, h.owner()); err != nil {
		t.Errorf("its own: %v", err)
	}
	if _, err := NewState(errReader{}, &file, h.owner()); !errors.Is(err, errBroken) {
		t.Errorf("what can't be read: %v", err)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errBroken }
