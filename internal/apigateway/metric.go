package apigateway

import (
	"log/slog"
	"strings"
	"time"
)

// metricNamespace is where CloudWatch shows the metrics.
const metricNamespace = "Gatehouse"

// embedded is the metadata of CloudWatch's Embedded Metric Format: a log line
// that has it is counted as well.
type embedded struct {
	Timestamp int64       // epoch milliseconds
	Metrics   []directive `json:"CloudWatchMetrics"`
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metric
}

type metric struct{ Name, Unit string }

// counted makes a line count as one of the metric Diagnosed, by the cause that
// the diagnosis begins with. Causes are few: none comes from a request.
func counted(diagnosis string, at time.Time) []slog.Attr {
	cause, _, _ := strings.Cut(diagnosis, ":")
	return []slog.Attr{
		slog.String("cause", cause),
		slog.Int("Diagnosed", 1),
		slog.Any("_aws", embedded{at.UnixMilli(), []directive{
			{metricNamespace, [][]string{{"cause"}}, []metric{{"Diagnosed", "Count"}}},
		}}),
	}
}
