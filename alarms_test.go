//go:build translated

package gatehouse_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// alarms are all there are with a reverse proxy, which has one of its own.
var alarms = []string{"ApiErrors", "AuthorizeFaults", "AuthorizerFaults", "DestroyedSessions", "ProxyFaults", "RefusedSignatures",
	"ReplayAttempts", "RevokeFaults", "SlowAnswers", "StoreThrottles", "TokenFaults"}

func TestTheAlarmsThatThereAre(t *testing.T) {
	bare := slices.DeleteFunc(slices.Clone(alarms), func(name string) bool { return name == "ProxyFaults" })
	for name, want := range map[string][]string{"everything": alarms, "defaults": bare, "proxied": bare, "bare": nil,
		"uncounted": {"ApiErrors", "StoreThrottles"}} {
		if got := translation(t, name).ofType("AWS::CloudWatch::Alarm"); !slices.Equal(got, want) {
			t.Errorf("%s has the alarms %v, want %v", name, got, want)
		}
	}
}

// Whoever is woken by an alarm is told where its section is, which
// TestEachAlarmHasItsSection looks for.
func TestEachAlarmNamesItsSection(t *testing.T) {
	deployed := translation(t, "everything")
	for _, alarm := range deployed.ofType("AWS::CloudWatch::Alarm") {
		if said := deployed.property(alarm, "AlarmDescription").(string); !strings.HasSuffix(said, "See "+alarm+" in docs/operations.md.") {
			t.Errorf("%s is described as %q", alarm, said)
		}
	}
}

// Alarms go where the operator said, to both places, when they begin and end.
func TestWhoIsToldOfAlarms(t *testing.T) {
	pager := "arn:aws:sns:us-east-1:123456789012:pager"
	for name, want := range map[string][]string{"everything": {"AlarmTopic", pager}, "proxied": {pager}, "defaults": nil} {
		deployed := translation(t, name)
		for _, alarm := range deployed.ofType("AWS::CloudWatch::Alarm") {
			for _, when := range []string{"AlarmActions", "OKActions"} {
				var got []string
				for _, topic := range deployed.property(alarm, when).([]any) {
					got = append(got, target(topic))
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s: %s of %s are %v, want %v", name, when, alarm, got, want)
				}
			}
		}
	}
	if topics := translation(t, "bare").ofType("AWS::SNS::Topic"); len(topics) > 0 {
		t.Errorf("without alarms there is %v", topics)
	}
}

// Nothing that happens is no alarm: every metric is missing where nobody calls.
func TestSilenceIsNoAlarm(t *testing.T) {
	deployed := translation(t, "everything")
	for _, alarm := range deployed.ofType("AWS::CloudWatch::Alarm") {
		if got := deployed.property(alarm, "TreatMissingData"); got != "notBreaching" {
			t.Errorf("%s takes missing data for %v", alarm, got)
		}
	}
}

var identifier = regexp.MustCompile(`\b[a-z][a-z_]*\b`)

// An expression over a metric that is not there is an alarm that CloudWatch
// refuses, and one that no expression uses is paid for in vain.
func TestAlarmsUseTheirMetrics(t *testing.T) {
	for _, name := range translationNames(t) {
		deployed := translation(t, name)
		for _, alarm := range deployed.ofType("AWS::CloudWatch::Alarm") {
			declared, used, returned := []string{"watched"}, []string{"watched"}, 0
			for _, query := range deployed.property(alarm, "Metrics").([]any) {
				declared = append(declared, at(query, "Id").(string))
				expression, _ := at(query, "Expression").(string)
				used = append(used, identifier.FindAllString(expression, -1)...)
				if at(query, "ReturnData") == nil {
					returned++
				}
			}
			slices.Sort(declared)
			slices.Sort(used)
			if declared, used = slices.Compact(declared), slices.Compact(used); !slices.Equal(declared, used) || returned != 1 {
				t.Errorf("%s: %s declares %v, uses %v and returns %d", name, alarm, declared, used, returned)
			}
		}
	}
}

// CloudWatch asks for each metric that an alarm looks at.
func TestAlarmsCostWhatIsSaid(t *testing.T) {
	const cents = 10
	count := func(name string) (metrics int) {
		deployed := translation(t, name)
		for _, alarm := range deployed.ofType("AWS::CloudWatch::Alarm") {
			metrics += strings.Count(marshalled(t, deployed.property(alarm, "Metrics")), `"MetricStat"`)
		}
		return metrics * cents
	}
	without, with := count("defaults"), count("everything")
	for page, said := range map[string]string{
		"template.yaml": "They cost %d.%02d USD a month, and %d.%02d more with a reverse proxy.",
		"docs/cost.md":  "0.10 for each metric that one looks at: %d.%02d, and %d.%02d more with a reverse proxy.",
	} {
		said = fmt.Sprintf(said, without/100, without%100, (with-without)/100, (with-without)%100)
		if text := strings.Join(strings.Fields(readText(t, page)), " "); !strings.Contains(text, said) {
			t.Errorf("%s does not say: %s", page, said)
		}
	}
}
