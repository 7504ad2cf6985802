package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/oauth/seal"
)

const testKeys = `{"current":"1","1":"a key for tests that nobody must ever use"}`

// vault is Secrets Manager with one secret: versions by their ids, and staging
// labels, each at one version.
type vault struct {
	t    *testing.T
	skew time.Duration // of its clock

	mu       sync.Mutex
	before   map[string]func() // done once, when a call of that name comes in
	lost     map[string]bool   // whose answer is lost once, after the work is done
	denied   string            // a call that nobody may make
	versions map[string]string
	labels   map[string]string
}

// newVault is the Secrets Manager that commands reach from now on.
func newVault(t *testing.T, text string) *vault {
	t.Helper()
	v := &vault{t: t, before: map[string]func(){}, lost: map[string]bool{},
		versions: map[string]string{"first": text}, labels: map[string]string{labelCurrent: "first"}}
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.URL)
	return v
}

// asked is what any of the calls asks for.
type asked struct {
	SecretID            string `json:"SecretId"`
	ClientRequestToken  string
	SecretString        string
	VersionStage        string
	VersionStages       []string
	RemoveFromVersionID string `json:"RemoveFromVersionId"`
	MoveToVersionID     string `json:"MoveToVersionId"`
}

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, call, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var a asked
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
		v.t.Error(err)
	}
	v.meddle(call)
	answer, err := v.answer(call, &a)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("Date", time.Now().Add(v.skew).UTC().Format(http.TimeFormat))
	switch {
	case v.loses(call):
		w.WriteHeader(http.StatusInternalServerError)
		answer = map[string]any{"__type": "InternalServiceError"}
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
		answer = map[string]any{"__type": err.Error(), "Message": "no " + call}
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		v.t.Error(err)
	}
}

// meddle does what somebody else does before a call.
func (v *vault) meddle(call string) {
	v.mu.Lock()
	somebody := v.before[call]
	delete(v.before, call)
	v.mu.Unlock()
	if somebody != nil {
		somebody()
	}
}

func (v *vault) loses(call string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	lost := v.lost[call]
	delete(v.lost, call)
	return lost
}

func (v *vault) answer(call string, a *asked) (map[string]any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !strings.HasSuffix(a.SecretID, ":secret:keys") {
		return nil, errors.New("ResourceNotFoundException")
	}
	switch call {
	case v.denied:
		return nil, errors.New("AccessDeniedException")
	case "GetSecretValue":
		return map[string]any{"VersionId": v.labels[labelCurrent], "SecretString": v.versions[v.labels[labelCurrent]]}, nil
	case "PutSecretValue":
		return v.put(a)
	case "UpdateSecretVersionStage":
		if v.labels[a.VersionStage] != a.RemoveFromVersionID || v.versions[a.MoveToVersionID] == "" {
			return nil, errors.New("InvalidParameterException")
		}
		v.labels[a.VersionStage] = a.MoveToVersionID
		return map[string]any{}, nil
	}
	return nil, fmt.Errorf("UnknownOperation%sException", call)
}

func (v *vault) put(a *asked) (map[string]any, error) {
	if old, taken := v.versions[a.ClientRequestToken]; taken && old != a.SecretString {
		return nil, errors.New("ResourceExistsException")
	}
	if len(a.ClientRequestToken) < 32 || len(a.ClientRequestToken) > 64 || len(a.VersionStages) == 0 {
		return nil, errors.New("ValidationException")
	}
	v.versions[a.ClientRequestToken] = a.SecretString
	for _, label := range a.VersionStages {
		v.labels[label] = a.ClientRequestToken
	}
	return map[string]any{"VersionId": a.ClientRequestToken}, nil
}

// text is what functions read.
func (v *vault) text() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.versions[v.labels[labelCurrent]]
}

func (v *vault) keys() *seal.Keyring {
	v.t.Helper()
	keys, err := seal.ParseKeyring([]byte(v.text()))
	if err != nil {
		v.t.Fatal(err)
	}
	return keys
}
