//go:build translated

package gatehouse_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/apigateway/emftest"
	"gatehouse/internal/oauth"
)

// ofAWS are the metrics of AWS's services that are of use here, as "namespace
// name by dimensions".
func ofAWS() (all []string) {
	for by, names := range map[string]string{
		"AWS/Lambda %s by FunctionName":                          "Invocations Errors Throttles ConcurrentExecutions",
		"AWS/ApiGateway %s by ApiName, Stage":                    "Count 4XXError 5XXError",
		"AWS/DynamoDB %s by TableName":                           "ConsumedReadCapacityUnits ConsumedWriteCapacityUnits ReadThrottleEvents WriteThrottleEvents",
		"AWS/DynamoDB %s by TableName, GlobalSecondaryIndexName": "WriteThrottleEvents",
	} {
		for name := range strings.FieldsSeq(names) {
			all = append(all, fmt.Sprintf(by, name))
		}
	}
	return all
}

// ofFunctions are those that the functions count, by what they log of all that
// can become of a request: with the values of dimensions, as in "reason=…", but
// for the function's name, and without.
func ofFunctions(t *testing.T) (values, names []string) {
	t.Helper()
	log := &strings.Builder{}
	g := &apigateway.Gateway{Log: slog.New(slog.NewJSONHandler(log, nil)), Clock: time.Now, Function: "f", Metrics: true}
	refusal := oauth.Unauthorized(oauth.SignatureInvalid, "no")
	refusal.Diagnosis, refusal.Replayed = "scheme: Signed with http.", true
	killed := oauth.Unauthorized(oauth.InvalidToken, "no")
	killed.Reason, killed.OnMismatch = oauth.ReasonAgent, oauth.KillToken
	for _, response := range []oauth.Response{
		{Status: 401, Refusal: refusal}, {Status: 401, Refusal: killed}, {Status: 429, Refusal: killed},
		{Status: 200, Act: oauth.ActTokenIssued}, {Status: 200, Act: oauth.ActAccepted, Session: &oauth.Session{Protocol: oauth.OAuth1}},
		{Status: 503, Fault: errors.New("no")},
	} {
		handler := g.Proxy(func(ctx context.Context, _ *oauth.Request) (oauth.Response, error) {
			oauth.CallsOf(ctx).Time(func() {})
			return response, nil
		})
		if _, err := handler.Invoke(t.Context(), []byte(readText(t, "internal/apigateway/testdata/rest-proxy-form.json"))); err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.Lines(log.String()) {
		points, err := emftest.Read([]byte(line), "Gatehouse")
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range points {
			by := strings.Replace(strings.ReplaceAll(p.Dimensions, ",", ", "), "function=f", "function", 1)
			values = append(values, "Gatehouse "+p.Metric+" by "+by)
			names = append(names, regexp.MustCompile("=[^,]*").ReplaceAllString("Gatehouse "+p.Metric+" by "+by, ""))
		}
	}
	slices.Sort(names)
	return values, slices.Compact(names)
}

func TestAlarmsWatchMetricsThatThereAre(t *testing.T) {
	known, _ := ofFunctions(t)
	known = append(known, ofAWS()...)
	deployed := translation(t, "everything")
	for _, alarm := range deployed.ofType("AWS::CloudWatch::Alarm") {
		for _, query := range deployed.property(alarm, "Metrics").([]any) {
			metric := at(query, "MetricStat", "Metric")
			if metric == nil {
				continue
			}
			var by []string
			for _, dimension := range at(metric, "Dimensions").([]any) {
				name := at(dimension, "Name").(string)
				if name == "reason" || name == "scheme" {
					name += "=" + at(dimension, "Value").(string)
				}
				by = append(by, name)
			}
			asked := fmt.Sprintf("%v %v by %s", at(metric, "Namespace"), at(metric, "MetricName"), strings.Join(by, ", "))
			if !slices.Contains(known, asked) {
				t.Errorf("%s: there is no metric %s", alarm, asked)
			}
		}
	}
}

// The dashboard is a document that CloudWatch can read, and draws all that the
// functions count.
func TestTheDashboardDrawsAllMetrics(t *testing.T) {
	_, known := ofFunctions(t)
	known = append(known, ofAWS()...)
	drawn := map[string]bool{}
	for _, row := range dashboard(t) {
		drawn[drawing(t, row.([]any))] = true
	}
	for metric := range drawn {
		if !slices.Contains(known, metric) {
			t.Errorf("there is no metric %s", metric)
		}
	}
	for _, metric := range known {
		// By reason these are drawn, and the index is another part of its table.
		apart := strings.Contains(metric, "Index") || metric == "Gatehouse Refused by function" || metric == "Gatehouse Destroyed by function"
		if !drawn[metric] && !apart {
			t.Errorf("%s is not drawn", metric)
		}
	}
}

var search = regexp.MustCompile(`^SEARCH\('\{(\w+),([\w,]+)\} MetricName="(\w+)"[^']*', 'Sum', 300\)$`)

// drawing is the metric that a row of a widget draws.
func drawing(t *testing.T, row []any) string {
	t.Helper()
	expression, searches := at(row, "expression").(string)
	if !searches {
		var by []string
		for i := 2; i+1 < len(row); i += 2 {
			by = append(by, row[i].(string))
		}
		return fmt.Sprintf("%v %v by %s", row[0], row[1], strings.Join(by, ", "))
	}
	parts := search.FindStringSubmatch(expression)
	if parts == nil || len(expression) > 1024 {
		t.Fatalf("CloudWatch cannot search by %q", expression)
	}
	return fmt.Sprintf("%s %s by %s", parts[1], parts[3], strings.ReplaceAll(parts[2], ",", ", "))
}

// dashboard are the rows of all its widgets.
func dashboard(t *testing.T) (rows []any) {
	t.Helper()
	body, ok := translation(t, "everything").property("Overview", "DashboardBody", "Fn::Sub").([]any)
	if !ok {
		t.Fatal("there is no dashboard")
	}
	var read struct {
		Widgets []struct {
			Properties struct{ Metrics []any }
		}
	}
	if err := json.Unmarshal([]byte(body[0].(string)), &read); err != nil {
		t.Fatal(err)
	}
	for _, widget := range read.Widgets {
		rows = append(rows, widget.Properties.Metrics...)
	}
	return rows
}
