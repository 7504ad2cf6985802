package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// verifier checks assertions of the issuer for this backend.
type verifier struct{ issuer, audience string }

// answer tells the claims of the request's assertion, or why it is refused. A
// skew, in seconds, is how far this backend's clock is ahead.
func (v verifier) answer(w http.ResponseWriter, r *http.Request) {
	skew, _ := strconv.Atoi(r.URL.Query().Get("skew"))
	claims, err := v.verify(r, time.Now().Add(time.Duration(skew)*time.Second))
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusUnauthorized)
		json.NewEncoder(w).Encode(map[string]any{"refused": err.Error()})
		return
	}
	json.NewEncoder(w).Encode(map[string]any{"claims": claims})
}

func (v verifier) verify(r *http.Request, now time.Time) (claims map[string]any, err error) {
	token, err := jwt.ParseSigned(r.Header.Get("X-OAuth-Assertion"), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return nil, err
	}
	keys, err := v.keys()
	if err != nil {
		return nil, err
	}
	var standard jwt.Claims
	if err := token.Claims(keys, &standard, &claims); err != nil {
		return nil, err
	}
	if standard.Expiry == nil {
		return nil, errors.New("it never expires")
	}
	expected := jwt.Expected{Issuer: v.issuer, AnyAudience: jwt.Audience{v.audience}, Time: now}
	if err := standard.ValidateWithLeeway(expected, 0); err != nil {
		return nil, err
	}
	if claims["htm"] != r.Method || claims["path"] != r.URL.EscapedPath() {
		return nil, errors.New("it is for another request")
	}
	return claims, nil
}

func (v verifier) keys() (*jose.JSONWebKeySet, error) {
	answer, err := http.Get(v.issuer + "/.well-known/jwks.json")
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	keys := new(jose.JSONWebKeySet)
	return keys, json.NewDecoder(answer.Body).Decode(keys)
}
