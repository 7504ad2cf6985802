package main

import (
	"crypto/rand"
	"net/http"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/password"
)

// What is asked, at both places.
const (
	bearerName   = "bearer"
	signedName   = "signed"
	refreshName  = "refresh"
	passwordName = "password"
)

// The limits at the gateway: a server that does nothing, and the hash of a
// password alone.
const (
	bareName = "bare"
	hashName = "hash"
)

// withLimits has the limits asked beside the gateway.
func (p *plan) withLimits(g *gateway, bare *server, asked []subject) []subject {
	for i := range asked {
		s := &asked[i]
		s.pids = []int{g.process.Process.Pid}
		if s.what == passwordName {
			s.limits, s.count, s.most = []string{hashName}, p.signIns, signers
		}
		if s.limits == nil {
			s.limits, s.count = []string{bareName}, p.atGateway
		}
	}
	connected, request := wires(bare.address), get(bare.address, sessionPath, "Bearer "+strings.Repeat("x", 64))
	all := append(asked,
		subject{what: bareName, count: p.atGateway, pids: []int{bare.process.Process.Pid},
			ask: func(caller int) error { return connected[caller].want(request, http.StatusOK, bareAnswer) }},
		subject{what: hashName, count: p.signIns, most: signers, ask: func(int) error {
			_, err := password.Hash(oauth.NewSecret(secretOfAll), password.OWASP(), rand.Reader)
			return err
		}})
	for i := range all {
		all[i].at = atGateway
	}
	return all
}
