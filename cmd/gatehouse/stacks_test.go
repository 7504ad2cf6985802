package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// What the pages tell to type at a deployment works there: against tables of the
// engine, a secret, and a stack that names both. Each block is for a deployment
// that has a client and a user, but for those that it makes itself.
func TestCommandsForAStack(t *testing.T) {
	done := 0
	for _, b := range append(shellBlocks(t), inlineCommands(t)...) {
		commands := slices.DeleteFunc(commandsOf(t, b.functions+b.text), func(command []string) bool {
			return command[0] != "gatehouse" || !slices.Contains(command, "--stack")
		})
		if len(commands) == 0 {
			continue
		}
		done += len(commands)
		t.Run(fmt.Sprintf("%s_%d", b.page, done), func(t *testing.T) { runAtStack(t, b, commands) })
	}
	if done < 15 {
		t.Errorf("only %d commands were run", done)
	}
}

// inlineCommands are those within sentences that are whole.
func inlineCommands(t *testing.T) (blocks []block) {
	t.Helper()
	for _, page := range pagesOfRepository(t) {
		for _, match := range inlineCode.FindAllStringSubmatch(withoutBlocks(t, page), -1) {
			if strings.HasPrefix(match[1], "gatehouse ") && strings.Contains(match[1], "--stack ") {
				blocks = append(blocks, block{page: filepath.Base(page), text: match[1] + "\n"})
			}
		}
	}
	return blocks
}

func runAtStack(t *testing.T, b block, commands [][]string) {
	t.Helper()
	inDeployment(t)
	secrets := newVault(t, testKeys)
	p, _, _ := inProcess("")
	tables := p.tables()
	stack(t, map[string]string{"SessionsTableName": tables.Sessions, "ReplayTableName": tables.Replay,
		"RegistryTableName": tables.Registry, "KeysSecretArn": os.Getenv(keysVariable)})
	text := strings.Join(strings.Fields(b.text), " ")
	for made, args := range map[string]string{
		"client create mobile": "client create mobile --grants xauth",
		"user create alice":    "user create alice --password-stdin",
	} {
		if strings.Contains(text, made) && !strings.Contains(text, "--replace") {
			continue
		}
		if code, _, stderr := run(t, "a password\n", strings.Fields(args)...); code != exitFine {
			t.Fatalf("%s: %s", args, stderr)
		}
	}
	for _, variable := range append(tableVariables(), keysVariable) {
		t.Setenv(variable, "")
	}
	t.Chdir(t.TempDir())
	exported(t)
	var later time.Duration
	for _, command := range commands {
		args := forTest(command[1:])
		p, out, err := inProcess("another password\n")
		p.clock = func() time.Time { return time.Now().Add(later) }
		p.sleep = func(_ context.Context, d time.Duration) error { later += d; return nil }
		// 3 says that what a page names by its example is not there.
		if code := p.run(args); !slices.Contains([]int{exitFine, exitMissing, exitRefused}, code) {
			t.Errorf("%s ends with %d: %s%s", strings.Join(command, " "), code, out, err)
		}
		later += 10 * time.Minute
		secrets.skew = later
		saved(t, b.text, out.Bytes())
	}
}

// exported are the files of an older provider that the pages import.
func exported(t *testing.T) {
	t.Helper()
	for name, text := range map[string]string{"dump.sql": "INSERT INTO oauth_consumer_tokens VALUES (1,'phone','a secret',1);",
		"users.csv": "id,name,password_hash\n7,carol,pbkdf2_sha256$1000$seasalt2$Mmrk6pki6MZwzvSkvmidH1N8wSJXdhxycT7oWQwmdbE=\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// forTest are the words of a command without the ellipsis that stands for more,
// for the one stack there is, and without a terminal.
func forTest(words []string) []string {
	words = slices.DeleteFunc(words, func(word string) bool { return word == "..." })
	words[slices.Index(words, "--stack")+1] = "gatehouse"
	p, _, _ := inProcess("")
	c, _, err := p.root().Find(words)
	for _, flag := range []string{"password-stdin", "yes"} {
		if err == nil && c.Flags().Lookup(flag) != nil && !slices.Contains(words, "--"+flag) {
			words = append(words, "--"+flag)
		}
	}
	return words
}

// saved writes what a command printed to the file that a block redirects to.
func saved(t *testing.T, text string, printed []byte) {
	t.Helper()
	for _, match := range redirected.FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat(match[1]); err == nil {
			continue
		}
		if err := os.WriteFile(match[1], printed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

var redirected = regexp.MustCompile(`> ?([\w-]+\.json)\b`)
