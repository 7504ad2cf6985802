package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gatehouse/internal/importer"
	"gatehouse/internal/oauth"
)

// importReport is what import --json prints.
type importReport struct {
	DryRun  bool               `json:"dry_run"`
	Clients importer.Count     `json:"clients"`
	Users   importer.Count     `json:"users"`
	Tokens  importer.Count     `json:"tokens"`
	Unread  int                `json:"unread"`  // records that are of no type
	Flagged []string           `json:"flagged"` // clients that were there, and have imported tokens from now on
	Refused []importer.Refusal `json:"refused"`
}

// shownRefusals is how many refused records people are shown without --report.
const shownRefusals = 20

// reportImport tells what became of the records.
func (p *program) reportImport(o *importOptions, in *importer.Input, result *importer.Result, report *reportFile) error {
	if err := report.write(result.Refused); err != nil {
		return err
	}
	counts := result.Counts
	if o.asJSON {
		return p.printJSON(importReport{o.dryRun, counts[importer.Client], counts[importer.User], counts[importer.Token], counts[""].Refused,
			append([]string{}, result.Flagged...), append([]importer.Refusal{}, result.Refused...)})
	}
	would := ""
	if o.dryRun {
		would = "would be "
	}
	table := p.newTable("", would+"created", would+"changed", "unchanged", "refused")
	rest := in.Total()
	for _, kind := range append(importer.Kinds(), "") {
		count := counts[kind]
		rest -= count.Created + count.Changed + count.Unchanged + count.Refused
		name := string(kind) + "s"
		if kind == "" {
			name = "of no type"
		}
		if kind != "" || count.Refused > 0 {
			table.row(name, counted(count.Created), counted(count.Changed), counted(count.Unchanged), counted(count.Refused))
		}
	}
	if err := table.flush(); err != nil {
		return err
	}
	p.tellRefusals(o, result.Refused)
	if rest > 0 {
		p.say("not looked at: %s", plural(rest, "record"))
	}
	for _, id := range result.Flagged {
		if _, err := fmt.Fprintf(p.out, "client %s has imported tokens from now on, which every function knows within %s\n", shown(id), spoken(oauth.ClientAge)); err != nil {
			return err
		}
	}
	return nil
}

// tellRefusals shows the first of them, or where they are.
func (p *program) tellRefusals(o *importOptions, refused []importer.Refusal) {
	if o.report != "" {
		p.say("%s refused: see %s", plural(len(refused), "record"), o.report)
		return
	}
	for i, refusal := range refused {
		if i == shownRefusals {
			p.say("and %s more: --report FILE has them all", counted(len(refused)-i))
			return
		}
		p.say("%s", refusal)
	}
}

// importProgress says how far it is, some times a second, and calls also after
// each record.
func (p *program) importProgress(also func()) func(kind importer.Kind, done, all int) {
	m := &meter{}
	return func(kind importer.Kind, done, all int) {
		also()
		if line, due := m.line(kind, done, all, p.clock()); due {
			p.progress("%s", line)
		}
	}
}

// meter measures how fast the records of a kind are written.
type meter struct {
	kind        importer.Kind
	began, said time.Time
}

// often is how long a line stays before the next.
const often = 200 * time.Millisecond

// line is what to say at now, where it is due.
func (m *meter) line(kind importer.Kind, done, all int, now time.Time) (string, bool) {
	if kind != m.kind {
		m.kind, m.began, m.said = kind, now, time.Time{}
	}
	if done < all && now.Sub(m.said) < often {
		return "", false
	}
	m.said = now
	line := fmt.Sprintf("%ss: %s of %s", kind, counted(done), counted(all))
	took := now.Sub(m.began)
	if took < time.Second || done == 0 {
		return line, true
	}
	rate := float64(done) / took.Seconds()
	left := time.Duration(float64(all-done) / rate * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%s, %s a second, %s left", line, counted(int(rate)), left), true
}

// counted is a number with commas, such as 100,000.
func counted(n int) string {
	text := strconv.Itoa(n)
	var parts []string
	for len(text) > 3 {
		parts = append([]string{text[len(text)-3:]}, parts...)
		text = text[:len(text)-3]
	}
	return strings.Join(append([]string{text}, parts...), ",")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return counted(n) + " " + what + "s"
}
