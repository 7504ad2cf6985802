package doctor

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"gatehouse/internal/oauth/oauth1"
)

// readCurl reads a curl command. What does not change the request is passed
// over; files are not read.
func readCurl(text string) (*Message, error) {
	words, err := words(text)
	if err != nil {
		return nil, fmt.Errorf("the curl command: %w", err)
	}
	c := &curl{message: Message{Header: http.Header{}}}
	for rest := words[1:]; len(rest) > 0; {
		used, err := c.argument(rest)
		if err != nil {
			return nil, fmt.Errorf("the curl command: %w", err)
		}
		rest = rest[used:]
	}
	return c.finish()
}

// curl is a command as far as it is read.
type curl struct {
	message   Message
	data      []string
	get       bool // -G: data goes to the query
	head      bool
	otherwise string // Content-Type of data
}

// valued are the options that take a value, by their long names; those that
// change nothing of the request are empty.
func valued() map[string]func(*curl, string) error {
	none := func(*curl, string) error { return nil }
	options := map[string]func(*curl, string) error{
		"--request":        func(c *curl, value string) error { c.message.Method = value; return nil },
		"--url":            (*curl).url,
		"--header":         (*curl).header,
		"--data":           (*curl).plainData,
		"--data-ascii":     (*curl).plainData,
		"--data-binary":    (*curl).plainData,
		"--data-raw":       func(c *curl, value string) error { c.data = append(c.data, value); return nil },
		"--data-urlencode": (*curl).encodedData,
		"--json": func(c *curl, value string) error {
			c.otherwise = "application/json"
			return c.plainData(value)
		},
		"--form": func(c *curl, _ string) error {
			c.otherwise, c.message.BodyUnknown = "multipart/form-data", true
			return nil
		},
		"--user": func(c *curl, _ string) error {
			c.message.Notes = append(c.message.Notes, "-u is passed over: it is HTTP Basic, and no OAuth 1.0")
			return nil
		},
	}
	for _, name := range []string{"--output", "--user-agent", "--referer", "--cookie", "--cookie-jar", "--max-time", "--connect-timeout",
		"--write-out", "--proxy", "--retry", "--cacert", "--capath", "--cert", "--key", "--resolve", "--connect-to", "--interface",
		"--dump-header", "--range", "--limit-rate", "--max-redirs", "--proxy-user", "--ciphers", "--config", "--trace-ascii"} {
		options[name] = none
	}
	return options
}

// longName is the long name of a short option that takes a value or matters.
func longName(short byte) string {
	names := map[byte]string{'X': "--request", 'H': "--header", 'd': "--data", 'F': "--form", 'u': "--user", 'o': "--output",
		'A': "--user-agent", 'e': "--referer", 'b': "--cookie", 'c': "--cookie-jar", 'm': "--max-time", 'w': "--write-out",
		'x': "--proxy", 'E': "--cert", 'D': "--dump-header", 'r': "--range", 'U': "--proxy-user", 'K': "--config",
		'G': "--get", 'I': "--head"}
	return names[short]
}

// argument reads the first of rest and returns how many of them that takes.
func (c *curl) argument(rest []string) (used int, err error) {
	word := rest[0]
	switch {
	case strings.HasPrefix(word, "--"):
		name, value, joined := strings.Cut(word, "=")
		if joined {
			return c.option(name, append([]string{value}, rest[1:]...), 0)
		}
		return c.option(word, rest[1:], 1)
	case strings.HasPrefix(word, "-") && word != "-":
		return c.shorts(word[1:], rest)
	}
	return 1, c.url(word)
}

// option does what a long option says; values are those behind it, the first
// of which it may take. before is how many arguments are used without it.
func (c *curl) option(name string, values []string, before int) (used int, err error) {
	do, takes := valued()[name]
	switch {
	case !takes:
		c.get = c.get || name == "--get"
		c.head = c.head || name == "--head"
		return max(before, 1), nil
	case len(values) == 0:
		return 0, fmt.Errorf("%s needs a value", name)
	}
	return before + 1, do(c, values[0])
}

// shorts reads a group such as -sXPOST.
func (c *curl) shorts(letters string, rest []string) (used int, err error) {
	for i := range len(letters) {
		name := longName(letters[i])
		if _, takes := valued()[name]; !takes {
			_, err = c.option(name, nil, 1)
			continue
		}
		if i+1 < len(letters) {
			_, err = c.option(name, []string{letters[i+1:]}, 0)
			return 1, err
		}
		return c.option(name, rest[1:], 1)
	}
	return 1, err
}

var errTwoURLs = errors.New("there are two URLs: give one request without --next, and within straight quotation marks, since curly ones do not quote")

func (c *curl) url(text string) error {
	if c.message.URL != "" {
		return errTwoURLs
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	c.message.URL = text
	return nil
}

func (c *curl) header(text string) error {
	name, value, ok := strings.Cut(text, ":")
	if !ok {
		return fmt.Errorf("the header %q has no colon", name)
	}
	c.message.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	return nil
}

var errFile = errors.New("what is in a file is not read: put the text in its place")

func (c *curl) plainData(text string) error {
	if strings.HasPrefix(text, "@") {
		return errFile
	}
	c.data = append(c.data, text)
	return nil
}

func (c *curl) encodedData(text string) error {
	name, value, named := strings.Cut(text, "=")
	switch {
	case !named && strings.Contains(text, "@"):
		return errFile
	case !named:
		name, value = "", text
	}
	if name != "" {
		name += "="
	}
	c.data = append(c.data, name+oauth1.Escape(value))
	return nil
}

func (c *curl) finish() (*Message, error) {
	m := &c.message
	data := strings.Join(c.data, "&")
	switch {
	case m.URL == "":
		return nil, errors.New("the curl command has no URL")
	case c.get && data != "":
		m.URL, _, _ = strings.Cut(m.URL, "#")
		m.URL += joiner(m.URL) + data
	case c.data != nil:
		m.Body = []byte(data)
		c.setType("application/x-www-form-urlencoded")
	case m.BodyUnknown:
		c.setType("multipart/form-data")
	}
	switch {
	case m.Method != "":
	case c.head:
		m.Method = http.MethodHead
	case m.Body != nil || m.BodyUnknown:
		m.Method = http.MethodPost
	default:
		m.Method = http.MethodGet
	}
	return m, nil
}

func joiner(text string) string {
	if strings.Contains(text, "?") {
		return "&"
	}
	return "?"
}

func (c *curl) setType(mediaType string) {
	if c.otherwise != "" {
		mediaType = c.otherwise
	}
	if c.message.Header.Get("Content-Type") == "" {
		c.message.Header.Set("Content-Type", mediaType)
	}
}
