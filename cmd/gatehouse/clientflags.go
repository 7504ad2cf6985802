package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"gatehouse/internal/oauth"
	"gatehouse/internal/seed"
)

// clientFlags are the flags that say what a client may do.
type clientFlags struct {
	written         seed.Client
	grants, methods []string
	rsaKey          string
}

func (f *clientFlags) add(flags *pflag.FlagSet) {
	w := &f.written
	flags.StringVar(&w.Name, "name", "", "name for people")
	flags.StringSliceVar(&f.grants, "grants", nil, "grants, separated by commas")
	flags.StringSliceVar(&w.Scopes, "scopes", nil, "scopes, separated by commas")
	flags.StringArrayVar(&w.RedirectURIs, "redirect-uri", nil, "redirect URI; may be repeated")
	flags.StringArrayVar(&w.Origins, "origin", nil, "origin of web pages that may use the client (default: all); may be repeated")
	flags.StringArrayVar(&w.LinkedClients, "linked-client", nil, "id of a client that may exchange this one's OAuth 1.0 tokens; may be repeated")
	flags.StringVar(&w.Sunset, "oauth1-sunset", "", "date or time when the client's OAuth 1.0 ends, such as 2027-01-31 (default: never)")
	flags.StringVar((*string)(&w.Binding), "binding", "", "what the client's sessions are bound to: none, agent, address, network, agent+address, agent+network or dpop (default: as the deployment says)")
	flags.StringVar((*string)(&w.OnMismatch), "on-mismatch", "", "what ends when a token is shown by another caller: token, session, or nothing with reject (default: as the deployment says)")
	flags.BoolVar(&w.Imported, "imported", false, "the client has OAuth 1.0 tokens of an older provider, or asks about them; import says so by itself")
	flags.BoolVar(&w.Diagnose, "diagnose", false, "say in the log what is wrong with the client's refused OAuth 1.0 requests")
	flags.StringSliceVar(&f.methods, "signature-methods", nil, "OAuth 1.0 signature methods, separated by commas (default: all but PLAINTEXT)")
	flags.StringVar(&f.rsaKey, "rsa-public-key", "", "file of the client's public key (PEM), for the RSA methods")
}

// clientFlagNames are the names of the flags above.
func clientFlagNames() []string {
	return []string{"name", "grants", "scopes", "redirect-uri", "origin", "linked-client", "oauth1-sunset", "binding",
		"on-mismatch", "imported", "diagnose", "signature-methods", "rsa-public-key"}
}

// change sets in c what was given. An empty value clears.
func (f *clientFlags) change(c *seed.Client, given func(flag string) bool) error {
	w := &f.written
	for flag, set := range map[string]func(){
		"name":              func() { c.Name = w.Name },
		"grants":            func() { c.Grants = named[oauth.Grant](f.grants) },
		"scopes":            func() { c.Scopes = named[string](w.Scopes) },
		"redirect-uri":      func() { c.RedirectURIs = named[string](w.RedirectURIs) },
		"origin":            func() { c.Origins = named[string](w.Origins) },
		"linked-client":     func() { c.LinkedClients = named[string](w.LinkedClients) },
		"oauth1-sunset":     func() { c.Sunset = w.Sunset },
		"binding":           func() { c.Binding = w.Binding },
		"on-mismatch":       func() { c.OnMismatch = w.OnMismatch },
		"imported":          func() { c.Imported = w.Imported },
		"diagnose":          func() { c.Diagnose = w.Diagnose },
		"signature-methods": func() { c.SignatureMethods = named[oauth.SignatureMethod](f.methods) },
	} {
		if given(flag) {
			set()
		}
	}
	if !given("rsa-public-key") {
		return nil
	}
	c.RSAPublicKey = ""
	if f.rsaKey == "" {
		return nil
	}
	text, err := os.ReadFile(f.rsaKey)
	if err != nil {
		return fmt.Errorf("--rsa-public-key: %w", err)
	}
	c.RSAPublicKey = string(text)
	return nil
}

// named is a list that was given; one empty value stands for none.
func named[T ~string](given []string) []T {
	if slices.Equal(given, []string{""}) {
		given = nil
	}
	list := make([]T, len(given))
	for i, value := range given {
		list[i] = T(value)
	}
	return list
}

// asFlag names a field of a seed file as the flag that it came from.
func asFlag(err error) error {
	var fault *seed.FieldError
	if !errors.As(err, &fault) {
		return err
	}
	field, _, _ := strings.Cut(fault.Field, "[")
	switch field {
	case "id", "name", "password":
		return usage("%s %s", field, fault.Reason)
	case "secret":
		field = "secret-stdin"
	case "redirect_uris", "origins", "linked_clients":
		field = strings.TrimSuffix(field, "s") // a flag for each
	}
	return usage("--%s %s", strings.ReplaceAll(field, "_", "-"), fault.Reason)
}
