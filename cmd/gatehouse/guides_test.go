package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// prelude gives a page's commands what its reader has: the program, a client
// and a user, tokens of theirs, and somebody at a browser who allows what an
// address asks for and reads the code or verifier there.
const prelude = `
exec 2>&1
gatehouse() { "$PROGRAM" "$@"; }
curl() { command curl --fail-with-body "$@"; }
CLIENT=app SECRET=a-secret-for-this-guide-alone PASSWORD='correct horse'
export GATEHOUSE_PASSWORD=$PASSWORD
own() { printf '%s' "$1" | tr '&,' '\n\n' | sed -n "s/^[{]*\"*$2\"*[=:]\"*\([^\"]*\)\"*[}]*$/\1/p"; }
ACCESS_TOKEN=$(own "$(curl -s "$URL/oauth/token" -u "$CLIENT:$SECRET" -d grant_type=client_credentials)" access_token)
signed=$(gatehouse request --consumer-key $CLIENT --consumer-secret $SECRET --xauth alice "$URL/oauth/access_token")
TOKEN=$(own "$signed" oauth_token) TOKEN_SECRET=$(own "$signed" oauth_token_secret)
hidden() { sed -n 's/.*name="state" value="\([^"]*\)".*/\1/p'; }
person() {
  local jar=$WORK/jar state
  state=$(curl -s -b "$jar" -c "$jar" "$1" | hidden)
  state=$(curl -sL -b "$jar" -c "$jar" "$URL/oauth/authorize" -d action=sign-in --data-urlencode username=alice \
    --data-urlencode "password=$PASSWORD" -d "state=$state" | hidden)
  curl -s -o "$WORK/allowed" -w '%{redirect_url}' -b "$jar" -c "$jar" "$URL/oauth/authorize" -d action=allow -d "state=$state" |
    sed 's/.*[?&]\(code\|oauth_verifier\)=\([^&]*\).*/\2/'
}
`

// byTheBrowser is what a reader types off the browser's address.
var byTheBrowser = regexp.MustCompile(`(?m)^(CODE|VERIFIER)=\.\.\.`)

// What the pages tell to type at a server on this machine works in the order of
// each page, and prints what the page says.
func TestPagesWorkAsWritten(t *testing.T) {
	pages, calls := map[string][]block{}, map[string]int{}
	for _, b := range shellBlocks(t) {
		commands := commandsOf(t, b.functions+b.text)
		if strings.HasPrefix(b.page, "examples/") || slices.ContainsFunc(commands, needsMore) {
			continue
		}
		pages[b.page] = append(pages[b.page], b)
		calls[b.page] += len(commands)
	}
	for _, page := range []string{"README.md", "docs/clients.md", "docs/oauth1.md", "docs/oauth2.md"} {
		if calls[page] < 3 {
			t.Errorf("%s has few commands to run: %d", page, calls[page])
		}
	}
	for page, blocks := range pages {
		if calls[page] > 0 {
			t.Run(page, func(t *testing.T) { runPage(t, blocks) })
		}
	}
}

// needsMore reports whether a command needs more than a server on this machine.
func needsMore(command []string) bool {
	request := command[0] == "gatehouse" && command[1] == "request"
	return command[0] != "curl" && !request || slices.Contains(command, "--stack")
}

func runPage(t *testing.T, blocks []block) {
	s := serve(t, nil, "--seed", seedOfGuides(t))
	var script strings.Builder
	script.WriteString(prelude)
	for _, b := range blocks {
		text := strings.ReplaceAll(b.text, "./gatehouse", "gatehouse")
		text = strings.ReplaceAll(text, "URL=http://127.0.0.1:8080", "URL="+s.url)
		text = byTheBrowser.ReplaceAllString(text, `$1=$$(person "$$AUTHORIZE")`)
		fmt.Fprintf(&script, "printf '\\036'\n%sprintf '\\037%%d' $?\n", text)
	}
	c := exec.CommandContext(t.Context(), "bash", "-c", script.String())
	c.Dir = t.TempDir()
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "PROGRAM=" + binary, "URL=" + s.url, "WORK=" + c.Dir}
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	printed := strings.Split(string(out), "\x1e")
	if len(printed) != len(blocks)+1 || printed[0] != "" {
		t.Fatalf("%d blocks printed %q", len(blocks), printed)
	}
	for i, b := range blocks {
		got, status, _ := strings.Cut(printed[i+1], "\x1f")
		switch {
		case b.prints == nil && status != "0":
			t.Errorf("%s\nends with %s: %s", b.text, status, got)
		case b.prints != nil && !fits(got, *b.prints):
			t.Errorf("%s\nprints\n%s\nand not\n%s", b.text, got, *b.prints)
		}
	}
}

func seedOfGuides(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../docs/guide.json")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// fits reports whether got is what a page says is printed, where an ellipsis
// stands for something without quotes.
func fits(got, page string) bool {
	parts := strings.Split(strings.TrimSpace(page), "…")
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	// A new line after JSON is the terminal's, not the server's.
	pattern := strings.ReplaceAll("^"+strings.Join(parts, `[^"&]+`)+"$", "\n", "")
	return regexp.MustCompile(pattern).MatchString(strings.ReplaceAll(got, "\n", ""))
}

// What the pages tell to start does start.
func TestServersOfThePagesStart(t *testing.T) {
	started := 0
	for _, b := range shellBlocks(t) {
		for line := range strings.Lines(b.text) {
			match := makeRun.FindStringSubmatch(strings.TrimSpace(line))
			if match == nil || strings.Contains(line, "dynamodb") || strings.Contains(line, "--help") {
				continue
			}
			started++
			vars, args := commandsOf(t, "gatehouse "+match[1]), commandsOf(t, "gatehouse "+argumentsOf(t, line))
			for i, word := range args[0] {
				switch {
				case strings.HasSuffix(word, "my-seed.json"):
					args[0][i] = writeExampleSeed(t)
				case word == "docs/guide.json":
					args[0][i] = seedOfGuides(t)
				case word == "gatehouse-keys.json":
					args[0][i] = filepath.Join(t.TempDir(), word)
				}
			}
			serve(t, vars[0][1:], args[0][1:]...)
		}
	}
	if started < 7 {
		t.Errorf("only %d servers were started", started)
	}
}

var makeRun = regexp.MustCompile(`^((?:[A-Z_]+=(?:'[^']*'|\S*) )*)make run(?: |$)`)

func argumentsOf(t *testing.T, line string) string {
	t.Helper()
	for _, command := range commandsOf(t, line) {
		for _, word := range command {
			if args, found := strings.CutPrefix(word, "ARGS="); found {
				return args
			}
		}
	}
	return ""
}

// writeExampleSeed writes the seed file that the pages show.
func writeExampleSeed(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range fenced.FindAllStringSubmatch(string(text), -1) {
		if match[1] == "json" && strings.HasPrefix(match[2], `{"clients"`) {
			path := filepath.Join(t.TempDir(), "my-seed.json")
			if err := os.WriteFile(path, []byte(match[2]), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
	}
	t.Fatal("deploy.md shows no seed file")
	return ""
}
