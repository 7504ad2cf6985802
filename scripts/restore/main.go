// Command restore puts the items of a table that was restored beside the stack
// back into the stack's own table: those that are not there. What is there is
// newer and stays as it is.
//
//	restore FROM TO [ENDED]    names of the tables; ENDED is a file of what is left out
//
// ENDED has the id of a session or of a user in each line, as the logs write
// them: that session, or all sessions of that user, ended after the moment that
// was restored, and would be alive again. What has expired is left out too.
// Region and credentials come from the SDK's own variables and files. It may be
// run again, and changes nothing then.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "restore:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) < 2 || len(args) > 3 || args[0] == args[1] {
		return errors.New("usage: restore FROM TO [ENDED]")
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
	err = t.all(ctx)
	fmt.Fprintf(out, "%d items put back, %d left as they are, %d left out since they have ended, %d since they have expired\n",
		t.done[putBack], t.done[wasThere], t.done[hasEnded], t.done[hasExpired])
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
