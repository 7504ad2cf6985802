package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/doctor"
	"gatehouse/internal/oauth"
	"gatehouse/internal/signing"
)

// doctorOptions are the flags of doctor.
type doctorOptions struct {
	target
	request                     requestOptions // what --header and the body's flags say
	curl, file                  string
	consumerSecret, tokenSecret string
	withTokenSecret             bool // given, though it may be empty
	rsaKey                      string
	baseURL, baseString, now    string
	addresses                   []string
	window                      time.Duration
	asJSON                      bool
}

// errWrong is a request with a mistake in it.
var errWrong = errors.New("the request is wrong")

func (p *program) doctorCommand() *cobra.Command {
	var o doctorOptions
	c := &cobra.Command{
		Use:   "doctor [[METHOD] URL]",
		Short: "Find out why a request that was signed by OAuth 1.0 is refused",
		Long: `Find out why a request that was signed by OAuth 1.0 is refused.

The request is a curl command or the text of an HTTP request, on standard input,
in --curl or in the file --http; or it is METHOD and URL with --header, --data and
--body. Nothing is sent.

It is signed again with each of the mistakes that people make, one by one and in
pairs, until the signature is the same. The output names the mistake and shows
the difference. The exit code is 0 when the request is right, 22 when something
is wrong with it, 1 when it can't be read, and 2 when a flag is wrong. Whether a token is live, and whether
a nonce was used before, is looked up with --stack or --local only.

Secrets are --consumer-secret and --token-secret, or GATEHOUSE_CONSUMER_SECRET and
GATEHOUSE_TOKEN_SECRET, or those of the deployment. They are not printed,
but the base string is: it can hold what the request says.
` + targetHelp + keysHelp,
		Example: `  gatehouse doctor --consumer-secret S --token-secret TS --curl "curl 'https://api.example.com/prod/notes' -H 'Authorization: OAuth …'"
  gatehouse doctor --stack gatehouse --base-url https://api.example.com/v1 < request.http
  gatehouse doctor --local --json < request.http
  gatehouse doctor --stack gatehouse --address http://10.0.0.5:8080 --address https://a1b2c3.execute-api.eu-west-1.amazonaws.com/prod < request.http
  gatehouse doctor --stack gatehouse --http request.http --now 2026-01-31T12:00:00Z --base-string "$BASE"
  gatehouse doctor --consumer-secret S -H 'Authorization: OAuth …' -d a=1 https://api.example.com/prod/notes`,
		Args: exactly(0, 2),
		RunE: func(c *cobra.Command, args []string) error {
			o.withTokenSecret = c.Flags().Changed("token-secret")
			return p.doctor(c.Context(), &o, args)
		},
	}
	o.addFlags(c)
	return c
}

func (o *doctorOptions) addFlags(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&o.curl, "curl", "", "the request as a curl command")
	flags.StringVar(&o.file, "http", "", "file of the request as it is on the wire, or of a curl command; - for standard input")
	flags.StringVar(&o.consumerSecret, "consumer-secret", "", "secret of the client")
	flags.StringVar(&o.tokenSecret, "token-secret", "", "secret of the token; may be empty")
	flags.StringVar(&o.rsaKey, "rsa-public-key", "", "file of the client's public key (PEM), for the RSA methods")
	flags.StringVar(&o.baseURL, "base-url", "", "address below which the server knows itself, such as its PUBLIC_BASE_URL (default: that of the request)")
	flags.StringArrayVar(&o.addresses, "address", nil, "another address of the API that the client may have signed, such as that of a server behind a proxy; may be repeated")
	flags.StringVar(&o.baseString, "base-string", "", "base string that the client signed: text, or @FILE")
	flags.StringVar(&o.now, "now", "", "when the request was sent, such as 2026-01-31T12:00:00Z or epoch seconds (default: now)")
	flags.DurationVar(&o.window, "window", 5*time.Minute, "how far the timestamp may be from the server's clock")
	flags.StringArrayVarP(&o.request.data, "data", "d", nil, "field of a form body, as name=value; may be repeated")
	flags.StringVar(&o.request.body, "body", "", "body that is no form: text, @FILE, or @- for standard input")
	flags.StringVar(&o.request.contentType, "content-type", "application/json", "media type of --body")
	flags.StringArrayVarP(&o.request.headers, "header", "H", nil, "header, as 'Name: value'; may be repeated")
	flags.BoolVar(&o.asJSON, "json", false, "print JSON: right, findings (code, what, fix), others, base_string")
	o.addKeysFlags(c)
}

// doctor prints a diagnosis.
func (p *program) doctor(ctx context.Context, o *doctorOptions, args []string) error {
	if o.window < 0 {
		return usage("--window takes a time such as 90s or 5m, not %s", o.window)
	}
	message, err := p.message(ctx, o, args)
	if err != nil {
		return err
	}
	c, err := p.doctorCase(ctx, o, message)
	if err != nil {
		return err
	}
	for _, note := range message.Notes {
		p.say("note: %s", note)
	}
	diagnosis := doctor.Diagnose(*c)
	if err := p.printDiagnosis(&diagnosis, o.asJSON); err != nil {
		return err
	}
	var codes []string
	for _, finding := range diagnosis.Findings {
		codes = append(codes, finding.Code)
		p.hint(o, finding.Code)
	}
	if diagnosis.Right() {
		return nil
	}
	return fmt.Errorf("%w: %s", errWrong, strings.Join(codes, ", "))
}

// diagnosisView is a diagnosis as --json prints it.
type diagnosisView struct {
	Right      bool          `json:"right"`
	Findings   []findingView `json:"findings"`
	Others     []findingView `json:"others,omitempty"`
	BaseString string        `json:"base_string,omitempty"`
}

type findingView struct {
	Code string `json:"code"`
	What string `json:"what"`
	Fix  string `json:"fix,omitempty"`
}

func viewFindings(findings []doctor.Finding) []findingView {
	views := make([]findingView, len(findings))
	for i, finding := range findings {
		views[i] = findingView(finding)
	}
	return views
}

func (p *program) printDiagnosis(d *doctor.Diagnosis, asJSON bool) error {
	if asJSON {
		return p.printJSON(diagnosisView{d.Right(), viewFindings(d.Findings), viewFindings(d.Others), d.BaseString})
	}
	_, err := io.WriteString(p.out, d.Text())
	return err
}

// hint says which flag may help with a finding.
func (p *program) hint(o *doctorOptions, code string) {
	switch {
	case code == "clock" && o.now == "":
		p.say("note: if the request was sent earlier, give --now with that time")
	case code == "token_revoked":
		p.say("note: token inspect says of a token why it is not live")
	case code == "unexplained" && o.addresses == nil:
		p.say("note: if the API has other addresses, give each as --address")
	}
}

// message reads the request from where it is.
func (p *program) message(ctx context.Context, o *doctorOptions, args []string) (*doctor.Message, error) {
	switch {
	case o.curl != "" && (o.file != "" || len(args) > 0), o.file != "" && len(args) > 0:
		return nil, usage("there is more than one request: give --curl, --http or a URL")
	case len(args) > 0:
		return p.describedMessage(ctx, o, args)
	case o.request.given():
		return nil, usage("--header, --data and --body go with a URL: a curl command and the text of a request have their own")
	case o.curl != "":
		message, err := readMessage("--curl", o.curl)
		if err != nil {
			err = usage("%w", err)
		}
		return message, err
	}
	text, err := p.readMessageText(o.file)
	if err != nil {
		return nil, err
	}
	return readMessage("the request", text)
}

func (o *requestOptions) given() bool { return len(o.headers)+len(o.data) > 0 || o.body != "" }

func (p *program) readMessageText(file string) (string, error) {
	if file != "" && file != "-" {
		text, err := os.ReadFile(file) // #nosec G304 -- the file that its user names
		if err != nil {
			return "", fmt.Errorf("--http: %w", err)
		}
		return string(text), nil
	}
	if isTerminal(p.in) {
		return "", usage("which request? give --curl, --http FILE or a URL, or the request on standard input")
	}
	text, err := io.ReadAll(p.in)
	if err != nil {
		return "", fmt.Errorf("standard input: %w", err)
	}
	return string(text), nil
}

func readMessage(from, text string) (*doctor.Message, error) {
	message, err := doctor.Read(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	return message, nil
}

// describedMessage is the request that flags describe as those of request do.
func (p *program) describedMessage(ctx context.Context, o *doctorOptions, args []string) (*doctor.Message, error) {
	r, err := p.newRequest(ctx, &o.request, args)
	if err != nil {
		return nil, err
	}
	if r.Form != nil {
		r.Header.Set("Content-Type", signing.FormType)
	}
	return &doctor.Message{Method: r.Method, URL: r.URL.String(), Header: r.Header, Body: r.Content()}, nil
}

// doctorCase is all that is known of the request.
func (p *program) doctorCase(ctx context.Context, o *doctorOptions, message *doctor.Message) (*doctor.Case, error) {
	server, err := o.server()
	if err != nil {
		return nil, err
	}
	sent, err := message.At(server)
	if err != nil {
		return nil, err
	}
	others, err := o.otherAddresses()
	if err != nil {
		return nil, err
	}
	c := &doctor.Case{Request: sent.Request, Addresses: append(sent.Addresses, others...), Window: o.window}
	if c.Now, err = p.when(o.now); err != nil {
		return nil, err
	}
	if o.baseString != "" {
		base, err := p.readBody(o.baseString)
		if err != nil {
			return nil, fmt.Errorf("--base-string: %w", err)
		}
		c.BaseString = strings.TrimSpace(string(base))
	}
	return c, p.addParties(ctx, o, c)
}

func (o *doctorOptions) server() (*url.URL, error) {
	if o.baseURL == "" {
		return nil, nil
	}
	base, err := apigateway.ParseBaseURL(o.baseURL)
	if err != nil {
		return nil, usage("--base-url: %w", err)
	}
	return base, nil
}

func (o *doctorOptions) otherAddresses() (all []*url.URL, err error) {
	for _, text := range o.addresses {
		address, err := apigateway.ParseBaseURL(text)
		if err != nil {
			return nil, usage("--address: %w", err)
		}
		all = append(all, address)
	}
	return all, nil
}

// when reads --now.
func (p *program) when(text string) (time.Time, error) {
	if text == "" {
		return p.clock(), nil
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, usage("--now takes a time like 2026-01-31T12:00:00Z or epoch seconds, not %q", oauth.Printable(text))
	}
	return at, nil
}
