package main

import (
	"path/filepath"

	"gatehouse/bench/contender"
)

// program is a contender. Its version is where it is pinned, too; a test holds
// that.
type program struct {
	name, version string
	language      string
	pin           string // what the file has that pins it
	works         []string
	command       []string // a name of Go is in the folder of programs
	asked         string   // for a work of another name, where it is set
}

// The names that others are compared by.
const (
	limit  = "limit"
	ours   = "Gatehouse"
	inTurn = "Gatehouse, one call after the other"
)

var (
	signedWorks = []string{contender.SignedGet, contender.SignedForm}
	works       = append(signedWorks[:2:2], contender.Bearer, contender.Authorizer, contender.SlowStore)
)

// programs are all contenders, the limit first.
func programs() []program {
	python := append(signedWorks[:2:2], contender.Bearer)
	return []program{
		{name: limit, language: "Go", works: works, command: []string{"limit"}},
		{name: ours, language: "Go", works: works, command: []string{"ours"}},
		{name: inTurn, language: "Go", works: []string{contender.SlowStore}, command: []string{"ours"}, asked: contender.SlowInTurn},
		{"mrjones/oauth", "2019-06-23", "Go", "github.com/mrjones/oauth v0.0.0-20190623", signedWorks, []string{"mrjones"}, ""},
		{"ory/fosite", "0.49.0", "Go", "github.com/ory/fosite v0.49.0", []string{contender.Bearer}, []string{"fosite"}, ""},
		{"go-oauth2/oauth2", "4.5.4", "Go", "github.com/go-oauth2/oauth2/v4 v4.5.4", []string{contender.Bearer}, []string{"gooauth2"}, ""},
		{"oauthlib", "4.0.1", "Python", "oauthlib==4.0.1", python, []string{"python", "with_oauthlib.py"}, ""},
		{"Authlib", "1.9.8", "Python", "Authlib==1.9.8", python, []string{"python", "with_authlib.py"}, ""},
		{"passport-http-oauth", "0.1.3", "Node", `"passport-http-oauth": "0.1.3"`, signedWorks, []string{"node", "passport.mjs"}, ""},
		{"@node-oauth/oauth2-server", "5.3.0", "Node", `"@node-oauth/oauth2-server": "5.3.0"`, []string{contender.Bearer}, []string{"node", "oauth2_server.mjs"}, ""},
	}
}

// pins are the files that pin versions, below the folder of peers, by language.
var pins = map[string]string{"Go": "go.mod", "Python": "python/requirements.txt", "Node": "node/package.json"}

// places are where programs are.
type places struct{ cache, peers string }

// arguments are what runs p.
func (at places) arguments(p *program) []string {
	switch p.language {
	case "Python":
		return []string{filepath.Join(at.cache, "python/bin/python"), filepath.Join(at.peers, "python", p.command[1])}
	case "Node":
		return []string{"node", filepath.Join(at.cache, "node", p.command[1])}
	default:
		return []string{filepath.Join(at.cache, "bin", p.command[0])}
	}
}
