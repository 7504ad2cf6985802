// Command restore puts the items of a table that was restored beside the stack
// back into the stack's own table: those that are not there. What is there is
// newer and stays as it is.
//
//	restore FROM TO ENDED    names of the tables; ENDED is a file of what is left out
//	restore --all FROM TO    nothing is left out
//
// ENDED has the id of a session or of a user in each line, as the logs write
// them: that session, or all sessions of that user, ended after the moment that
// was restored, and would be alive again. A table of clients and users needs
// none. What has expired is left out too. Region and credentials come from the
// SDK's own variables and files. It may be run again, and changes nothing then.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

const help = `usage: restore FROM TO ENDED
       restore --all FROM TO

Puts the items of table FROM, which was restored, into TO, the stack's own, where
they are not there. ENDED is a file with the id of a session or of a user in each
line: sessions that ended after the moment that was restored, and users all of whose
did. They are left out. --all leaves out none: sessions that were revoked or signed
out since come back to life. A table of clients and users needs neither.
`

var (
	errUsage   = errors.New("wrong usage")
	errRevives = errors.New("sessions that were revoked since would come back to life: name a file of those that ended, or say --all if they may")
)

func main() {
	err := run(context.Background(), os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		fmt.Fprint(os.Stderr, help)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "restore:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("restore", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	everything := flags.Bool("all", false, "")
	err := flags.Parse(args)
	args = flags.Args()
	switch {
	case errors.Is(err, flag.ErrHelp):
		return cmp.Or(tell(out, help), err)
	case err != nil || len(args) < 2 || len(args) > 3 || args[0] == args[1] || *everything && len(args) > 2:
		return errUsage
	}
	ended, err := readEnded(args[2:])
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	t := transfer{client: dynamodb.NewFromConfig(cfg), from: args[0], to: args[1], ended: ended, now: time.Now()}
	key, err := t.kind(ctx)
	if err != nil {
		return err
	}
	if key == ofSessions && len(ended) == 0 && !*everything {
		return errRevives
	}
	err = t.all(ctx, key)
	return errors.Join(err, tell(out, "%d items put back, %d left as they are, %d left out since they have ended, %d since they have expired\n",
		t.done[putBack], t.done[wasThere], t.done[hasEnded], t.done[hasExpired]))
}

func tell(out io.Writer, format string, values ...any) error {
	_, err := fmt.Fprintf(out, format, values...)
	return err
}

// readEnded reads the ids in a file, if one is named.
func readEnded(files []string) (map[string]bool, error) {
	ids := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file) // #nosec G304 G703 -- who runs this names it
		if err != nil {
			return nil, err
		}
		for _, id := range strings.Fields(string(text)) {
			ids[id] = true
		}
		if len(ids) == 0 {
			return nil, fmt.Errorf("%s has no ids", file)
		}
	}
	return ids, nil
}
