package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"gatehouse/internal/oauth"
	"gatehouse/internal/signing"
)

// requestOptions are the flags of request.
type requestOptions struct {
	consumerKey, consumerSecret, token, tokenSecret string
	signatureMethod, rsaKey, place, realm           string
	bearer, xauth, password                         string
	data, headers                                   []string
	body, contentType                               string
	include, verbose                                bool
}

func (p *program) requestCommand() *cobra.Command {
	var o requestOptions
	c := &cobra.Command{
		Use:   "request [METHOD] URL",
		Short: "Sign a request by OAuth 1.0, or give it a bearer token, and send it",
		Long: `Sign a request by OAuth 1.0, or give it a bearer token, and send it.

The answer's body goes to standard output. The exit code is 22 when the answer's
status is 400 or more, as with curl -f, and 1 when there is no answer.

Without METHOD it is POST where there is a body, else GET. Credentials that no
flag gives come from the environment: GATEHOUSE_CONSUMER_KEY,
GATEHOUSE_CONSUMER_SECRET, GATEHOUSE_TOKEN, GATEHOUSE_TOKEN_SECRET,
GATEHOUSE_BEARER and GATEHOUSE_PASSWORD. Flags of one kind make those variables
of the other kind count for nothing.`,
		Example: `  gatehouse request --consumer-key mobile --consumer-secret S --xauth alice http://127.0.0.1:8080/oauth/access_token
  gatehouse request --consumer-key mobile --consumer-secret S --token T --token-secret TS http://127.0.0.1:8080/oauth/session
  gatehouse request --bearer "$ACCESS" -i DELETE http://127.0.0.1:8080/oauth/sessions
  gatehouse request -v --signature-method HMAC-SHA256 --place query -d status='Hello, world' https://api.example.com/prod/notes
  gatehouse request --body @note.json --content-type application/json https://api.example.com/prod/notes`,
		Args: exactly(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.complete(p.env); err != nil {
				return err
			}
			return p.request(c.Context(), &o, args)
		},
	}
	o.addFlags(c)
	return c
}

func (o *requestOptions) addFlags(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&o.consumerKey, "consumer-key", "", "id of the client")
	flags.StringVar(&o.consumerSecret, "consumer-secret", "", "secret of the client")
	flags.StringVar(&o.token, "token", "", "OAuth 1.0 token")
	flags.StringVar(&o.tokenSecret, "token-secret", "", "secret of the token")
	flags.StringVar(&o.signatureMethod, "signature-method", string(oauth.HMACSHA1), "one of "+joined(oauth.SignatureMethods()))
	flags.StringVar(&o.rsaKey, "rsa-key", "", "file of the client's private key (PEM), for the RSA methods")
	flags.StringVar(&o.place, "place", string(signing.InHeader), "where the parameters go: header, query or body")
	flags.StringVar(&o.realm, "realm", "", "realm of the Authorization header")
	flags.StringVar(&o.bearer, "bearer", "", "OAuth 2 access token, in place of a signature")
	flags.StringVar(&o.xauth, "xauth", "", "sign in as this user: send the xAuth parameters as the form")
	flags.StringVar(&o.password, "password", "", "password for --xauth; asked for when it is not given")
	flags.StringArrayVarP(&o.data, "data", "d", nil, "field of a form body, as name=value; may be repeated")
	flags.StringVar(&o.body, "body", "", "body that is no form: text, @FILE, or @- for standard input")
	flags.StringVar(&o.contentType, "content-type", "application/json", "media type of --body")
	flags.StringArrayVarP(&o.headers, "header", "H", nil, "further header, as 'Name: value'; may be repeated")
	flags.BoolVarP(&o.include, "include", "i", false, "print status and headers before the body")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "print the base string and the request to standard error")
}

// complete takes credentials from the environment and decides between the two
// kinds.
func (o *requestOptions) complete(env func(string) string) error {
	signs := o.consumerKey+o.consumerSecret+o.token+o.tokenSecret+o.xauth != ""
	if signs && o.bearer != "" {
		return usage("--bearer goes with none of the flags of OAuth 1.0: a request has one kind of credentials")
	}
	if !signs && o.bearer == "" {
		o.bearer = env("GATEHOUSE_BEARER")
	}
	if o.bearer != "" && !signs && env("GATEHOUSE_CONSUMER_KEY") != "" && env("GATEHOUSE_BEARER") == o.bearer {
		return usage("both GATEHOUSE_BEARER and GATEHOUSE_CONSUMER_KEY are set: unset one of them")
	}
	if o.bearer != "" {
		return checkBearer(o.bearer)
	}
	for variable, field := range map[string]*string{"GATEHOUSE_CONSUMER_KEY": &o.consumerKey,
		"GATEHOUSE_CONSUMER_SECRET": &o.consumerSecret, "GATEHOUSE_TOKEN": &o.token,
		"GATEHOUSE_TOKEN_SECRET": &o.tokenSecret, "GATEHOUSE_PASSWORD": &o.password} {
		if *field == "" {
			*field = env(variable)
		}
	}
	return o.check()
}

func (o *requestOptions) check() error {
	switch {
	case o.consumerKey == "":
		return usage("nothing to authenticate with: give --consumer-key and --consumer-secret, or --bearer")
	case !slices.Contains(oauth.SignatureMethods(), oauth.SignatureMethod(o.signatureMethod)):
		return usage("--signature-method is one of %s, not %q", joined(oauth.SignatureMethods()), o.signatureMethod)
	case !slices.Contains(signing.Places(), signing.Place(o.place)):
		return usage("--place is header, query or body, not %q", o.place)
	case strings.HasPrefix(o.signatureMethod, "RSA-") && o.rsaKey == "":
		return usage("--signature-method %s needs --rsa-key", o.signatureMethod)
	}
	return nil
}

// request makes, signs and sends one request.
func (p *program) request(ctx context.Context, o *requestOptions, args []string) error {
	r, err := p.newRequest(ctx, o, args)
	if err != nil {
		return err
	}
	if err := p.authenticate(r, o); err != nil {
		return err
	}
	return p.send(ctx, r, o)
}

func (p *program) newRequest(ctx context.Context, o *requestOptions, args []string) (*signing.Request, error) {
	address := args[len(args)-1]
	u := parseURL(address)
	if u == nil || u.User != nil {
		return nil, usage("%q is not a URL like https://api.example.com/path", address)
	}
	u.Fragment, u.RawFragment = "", ""
	u.RawQuery = encodeQuery(u.RawQuery)
	if u.Path == "" {
		u.Path = "/" // what is signed is what is sent
	}
	r := &signing.Request{URL: u, Header: http.Header{}}
	if err := addHeaders(r, o.headers); err != nil {
		return nil, err
	}
	if err := p.addBody(ctx, r, o); err != nil {
		return nil, err
	}
	return r, setMethod(r, args[:len(args)-1])
}

// setMethod takes the one that was given, if any.
func setMethod(r *signing.Request, given []string) error {
	r.Method = http.MethodGet
	if r.Form != nil || r.Body != nil {
		r.Method = http.MethodPost
	}
	for _, method := range given {
		if !isToken(method) {
			return usage("%q is not a method like GET or POST", method)
		}
		r.Method = strings.ToUpper(method)
	}
	return nil
}

func (p *program) addBody(ctx context.Context, r *signing.Request, o *requestOptions) error {
	if o.body != "" && (len(o.data) > 0 || o.xauth != "") {
		return usage("--body goes with neither --data nor --xauth: a request has one body")
	}
	for _, pair := range o.data {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return usage("--data takes name=value, not %q", pair)
		}
		r.Form = append(r.Form, oauth.Param{Name: name, Value: value})
	}
	if o.xauth != "" {
		return p.addXAuth(ctx, r, o)
	}
	if signing.Place(o.place) == signing.InBody && o.body == "" && r.Form == nil {
		r.Form = oauth.Params{}
	}
	if r.Form != nil || o.body == "" {
		return nil
	}
	if r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", o.contentType)
	}
	body, err := p.readBody(o.body)
	if err != nil {
		return fmt.Errorf("--body: %w", err)
	}
	r.Body = body
	return nil
}

func (p *program) readBody(body string) ([]byte, error) {
	path, isFile := strings.CutPrefix(body, "@")
	if isFile {
		return p.readFile(path)
	}
	return []byte(body), nil
}

// addXAuth adds what xAuth sends. It is signed without a token.
func (p *program) addXAuth(ctx context.Context, r *signing.Request, o *requestOptions) (err error) {
	o.token, o.tokenSecret = "", ""
	if o.password == "" {
		if o.password, err = p.askPassword(ctx, "password of "+o.xauth, false); err != nil {
			return err
		}
	}
	r.Form = append(r.Form, oauth.Param{Name: "x_auth_mode", Value: "client_auth"},
		oauth.Param{Name: "x_auth_username", Value: o.xauth}, oauth.Param{Name: "x_auth_password", Value: o.password})
	return nil
}

func addHeaders(r *signing.Request, headers []string) error {
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ":")
		switch {
		case name == header || !isToken(name) || strings.ContainsFunc(value, unicode.IsControl):
			return usage("--header takes 'Name: value', not %q", header)
		case strings.EqualFold(name, "Host"):
			return usage("--header %s: the host is the URL's", name)
		}
		r.Header.Add(name, strings.TrimSpace(value))
	}
	return nil
}
