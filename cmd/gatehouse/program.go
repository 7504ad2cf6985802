package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// program is what the commands take from the world.
type program struct {
	clock    func() time.Time
	sleep    func(context.Context, time.Duration) error // errInterrupted when the context is done first
	rand     io.Reader
	env      func(string) string
	in       io.Reader
	out, err io.Writer

	trail *trail  // of the stack, once an audit event was written
	lost  []error // audit events that could not be written
}

// run does what args say and returns the exit code. An error is one line.
func (p *program) run(args []string) int {
	root := p.root()
	root.SetArgs(settled(args))
	err := p.unaudited(root.ExecuteContext(context.Background()))
	if err != nil {
		p.say("gatehouse: %s", oneLine(err))
	}
	return exitCode(err)
}

// untilInterrupted is for what has to end in good order: the context is done
// with Ctrl-C or SIGTERM. A second signal ends the program at once, as the
// first one does where nobody waits for it.
func untilInterrupted(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// say writes one line to the person at the terminal.
func (p *program) say(format string, args ...any) {
	fmt.Fprintf(p.err, format+"\n", args...)
}

func (p *program) root() *cobra.Command {
	root := group("gatehouse", "Tokens by OAuth 1.0a and OAuth 2, and an authorizer that verifies them",
		p.serveCommand(), p.requestCommand(), p.doctorCommand(), p.importCommand(), p.versionCommand(),
		group("client", "Look at and change the clients of a deployment", p.clientCreateCommand(), p.clientListCommand(), p.clientShowCommand(),
			p.clientUpdateCommand(), p.clientRotateSecretCommand(), p.clientDisableCommand(), p.clientEnableCommand(), p.clientDeleteCommand()),
		group("user", "Look at and change the users of a deployment", p.userCreateCommand(), p.userListCommand(), p.userPasswdCommand(),
			p.userDisableCommand(), p.userEnableCommand(), p.userDeleteCommand(), p.userSignOutCommand()),
		group("session", "Look at the sessions of a deployment, and end them", p.sessionListCommand(), p.sessionShowCommand(), p.sessionRevokeCommand()),
		group("token", "Look at tokens", p.tokenInspectCommand()),
		group("key", "Change the keys that tokens and secrets are made with", p.keyListCommand(), p.keyRotateCommand(), p.keyRetireCommand()),
		group("authenticator", "Help a webhook that checks passwords", p.authenticatorSecretCommand()))
	root.Example = `  gatehouse serve
  gatehouse request --bearer "$ACCESS" http://127.0.0.1:8080/oauth/session
  gatehouse doctor --stack gatehouse < request.http
  gatehouse client create mobile --stack gatehouse --grants xauth,password,refresh_token
  gatehouse user create alice --local
  gatehouse token inspect --stack gatehouse < token.txt`
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetFlagErrorFunc(flagFault)
	p.completes(root)
	return root
}

// group is a command that has only commands.
func group(name, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: name, Short: short, Args: cobra.ArbitraryArgs, RunE: onlyCommands}
	c.AddCommand(commands...)
	return c
}

// onlyCommands shows which commands there are.
func onlyCommands(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("unknown command %q; see %s --help", args[0], c.CommandPath())
	}
	return c.Help()
}
