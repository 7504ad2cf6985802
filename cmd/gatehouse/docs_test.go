package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"gatehouse"
)

// A block of a page that is for a shell.
type block struct {
	page, text string
	functions  string  // of the shell, which blocks before it define
	prints     *string // what the page says it prints; nil: nothing
}

var fenced = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

// shellBlocks are the commands of all pages for readers.
func shellBlocks(t *testing.T) (blocks []block) {
	t.Helper()
	for _, page := range pagesOfRepository(t) {
		blocks = append(blocks, blocksOf(t, page)...)
	}
	if len(blocks) < 40 {
		t.Fatalf("only %d blocks of commands were found", len(blocks))
	}
	return blocks
}

func blocksOf(t *testing.T, page string) (blocks []block) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(filepath.ToSlash(page), "../../")
	shell, functions := false, ""
	for _, match := range fenced.FindAllStringSubmatch(string(text), -1) {
		switch {
		case match[1] == "sh":
			blocks = append(blocks, block{page: name, text: match[2], functions: functions})
			functions += strings.Join(shellFunction.FindAllString(match[2], -1), "\n") + "\n"
		case match[1] == "output" && shell:
			blocks[len(blocks)-1].prints = &match[2]
		case match[1] == "output":
			t.Errorf("%s: nothing prints %s", name, match[2])
		case match[1] == "":
			t.Errorf("%s: what begins with %.40q is in a block of no language, so nothing looks at it", name, match[2])
		}
		shell = match[1] == "sh"
	}
	for paragraph := range strings.SplitSeq(fenced.ReplaceAllString(string(text), ""), "\n\n") {
		if first, _, _ := strings.Cut(strings.TrimLeft(paragraph, "\n"), "\n"); indentedCommand.MatchString(first) {
			t.Errorf("%s: %q is not in a block that begins with ```sh, so nothing looks at it", name, first)
		}
	}
	return blocks
}

// shellFunction is one, on a line of its own.
var shellFunction = regexp.MustCompile(`(?m)^\w+\(\) \{.*\}$`)

var indentedCommand = regexp.MustCompile(`^    (\$ |\./|[A-Z_]+=\S* )?(gatehouse|make|sam|curl|aws|go|git|npm|export) `)

// recorder has functions in place of programs that would do something: each
// records its name and arguments. What a block calls beside them is a mistake,
// or a program of every system.
const recorder = `
exec 3>"$RECORD"
record() { local all; printf -v all '%s\037' "$@"; printf '%s\036' "$all" >&3; }
for name in gatehouse make sam aws curl go git npm docker redis-cli; do eval "$name() { record $name \"\$@\"; }"; done
jq() { record jq "$@"; echo '{}'; }
echo 3lYwut8J8TUtvASe_oLn2A >ended.txt
command_not_found_handle() { record unknown "$@"; }
`

// unparsed is what bash says of a text that it can't read to its end.
var unparsed = regexp.MustCompile("syntax error|unexpected EOF")

// commandsOf are the commands that a block would run, with their arguments as a
// shell passes them on.
func commandsOf(t *testing.T, text string) (commands [][]string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "bash", "-c", recorder+strings.ReplaceAll(text, "./gatehouse", "gatehouse"))
	c.Dir = t.TempDir()
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "RECORD=" + filepath.Join(c.Dir, "record"), "URL=http://127.0.0.1:8080", "TABLE=table"}
	if out, err := c.CombinedOutput(); err != nil && unparsed.Match(out) {
		t.Errorf("%s\n%s", text, out)
	}
	recorded, err := os.ReadFile(filepath.Join(c.Dir, "record"))
	if err != nil {
		t.Fatal(err)
	}
	for record := range strings.SplitSeq(strings.TrimSuffix(string(recorded), "\x1e"), "\x1e") {
		if record != "" {
			commands = append(commands, strings.Split(strings.TrimSuffix(record, "\x1f"), "\x1f"))
		}
	}
	return commands
}

// Every command of every page is one that its program takes.
func TestCommandsOfThePages(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	parameters := templateParameters(t)
	seen := map[string]int{}
	for _, b := range shellBlocks(t) {
		for _, command := range commandsOf(t, b.functions+b.text) {
			seen[command[0]]++
			var wrong string
			switch command[0] {
			case "gatehouse":
				wrong = misused(command[1:])
			case "make":
				wrong = mismade(t, string(makefile), command[1:])
			case "sam":
				wrong = misdeployed(parameters, command[1:])
			case "go":
				wrong = unbuilt(command[1:])
			case "unknown":
				wrong = "it is not a program that a reader has"
			}
			if wrong != "" {
				t.Errorf("%s: %s: %s", b.page, strings.Join(command, " "), wrong)
			}
		}
	}
	if seen["gatehouse"] < 20 || seen["make"] < 10 || seen["sam"] < 5 || seen["curl"] < 10 {
		t.Errorf("few commands were looked at: %v", seen)
	}
}

// misused says what the program would object to, before it does anything.
func misused(args []string) string {
	p, _, _ := inProcess("")
	c, rest, err := p.root().Find(slices.DeleteFunc(args, func(word string) bool { return word == "..." }))
	if err != nil {
		return err.Error()
	}
	if err := c.ParseFlags(rest); err != nil && !strings.Contains(err.Error(), "help requested") {
		return err.Error()
	}
	if c.HasSubCommands() && c.Flags().NArg() > 0 {
		return "there is no such command"
	}
	if err := c.ValidateArgs(c.Flags().Args()); err != nil {
		return err.Error()
	}
	if err := c.ValidateRequiredFlags(); err != nil {
		return err.Error()
	}
	return ""
}

// unbuilt says which package of ours a command would not find.
func unbuilt(args []string) string {
	for _, word := range args {
		if strings.HasPrefix(word, "./") && word != "./..." {
			if _, err := os.Stat(filepath.Join("../..", word)); err != nil {
				return err.Error()
			}
		}
	}
	return ""
}

// mismade says what make, or the program that it runs, would object to.
func mismade(t *testing.T, makefile string, args []string) string {
	t.Helper()
	for _, word := range args {
		name, value, assigned := strings.Cut(word, "=")
		switch {
		case !assigned && !strings.Contains(makefile, "\n"+name+":"):
			return "there is no target " + name
		case assigned && !strings.Contains(makefile, "$("+name+")"):
			return "there is no variable " + name
		case name == "ARGS" && args[0] == "run":
			for _, command := range commandsOf(t, "gatehouse serve "+value) {
				if wrong := misused(command[1:]); wrong != "" {
					return wrong
				}
			}
		}
	}
	return ""
}

// parameter is one of the template, as far as a value can be held to it.
type parameter struct {
	AllowedPattern string   `yaml:"AllowedPattern"`
	AllowedValues  []string `yaml:"AllowedValues"`
	MinValue       *float64 `yaml:"MinValue"`
	MaxValue       *float64 `yaml:"MaxValue"`
}

func templateParameters(t *testing.T) map[string]parameter {
	t.Helper()
	var template struct {
		Parameters map[string]parameter `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(gatehouse.Template, &template); err != nil {
		t.Fatal(err)
	}
	return template.Parameters
}

// misdeployed says what the SAM CLI or CloudFormation would object to in the
// settings of a deployment.
func misdeployed(parameters map[string]parameter, args []string) string {
	at := slices.Index(args, "--parameter-overrides")
	if at < 0 {
		return ""
	}
	for _, override := range args[at+1:] {
		name, value, _ := strings.Cut(override, "=")
		p, known := parameters[name]
		if unquoted, err := strconv.Unquote(value); err == nil {
			value = unquoted
		}
		number, err := strconv.ParseFloat(value, 64)
		switch {
		case !known:
			return "there is no parameter " + name
		case p.AllowedPattern != "" && !regexp.MustCompile("^(?:"+p.AllowedPattern+")$").MatchString(value),
			p.AllowedValues != nil && !slices.Contains(p.AllowedValues, value),
			p.MinValue != nil && (err != nil || number < *p.MinValue || number > *p.MaxValue):
			return name + " takes no " + value
		}
	}
	return ""
}
