// Package emftest reads log lines as CloudWatch does, by its Embedded Metric
// Format, and finds whatever CloudWatch would pass over in silence.
package emftest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Point is one value of a metric, as CloudWatch counts it.
type Point struct {
	Metric     string
	Dimensions string // as "name=value" separated by commas
	Unit       string
	Value      float64
}

// What the format allows; see "Specification: Embedded metric format" of the
// user guide of CloudWatch, and the limits of the API's PutMetricData.
const (
	maxLine       = 256 << 10
	maxMetrics    = 100 // of a directive
	maxDimensions = 30  // of a set
	maxName       = 255
	maxDimension  = 1024 // of a value
)

type metadata struct {
	Timestamp         *int64
	CloudWatchMetrics []directive
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []struct{ Name, Unit string }
}

// Read returns the points of a line; none where it has no metadata. Whatever
// CloudWatch would not take is an error, and so is a member that is there twice,
// since of two it may take either.
func Read(line []byte, namespace string) ([]Point, error) {
	root, err := members(line)
	if err != nil || root["_aws"] == nil {
		return nil, err
	}
	var meta metadata
	decoder := json.NewDecoder(bytes.NewReader(root["_aws"]))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&meta); err != nil {
		return nil, fmt.Errorf("_aws: %w", err)
	}
	switch {
	case len(line) > maxLine:
		return nil, fmt.Errorf("the line has %d bytes", len(line))
	case meta.Timestamp == nil || *meta.Timestamp < 1e12:
		return nil, errors.New("no Timestamp in epoch milliseconds")
	case len(meta.CloudWatchMetrics) == 0:
		return nil, errors.New("no directive")
	}
	var points []Point
	for _, d := range meta.CloudWatchMetrics {
		found, err := d.read(root, namespace)
		if err != nil {
			return nil, fmt.Errorf("%+v: %w", d, err)
		}
		points = append(points, found...)
	}
	return points, twice(points)
}

// members are those of a JSON object.
func members(line []byte) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	found := map[string]json.RawMessage{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		if _, again := found[name.(string)]; again {
			return nil, fmt.Errorf("%s is there twice", name)
		}
		found[name.(string)] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON object")
	}
	return found, nil
}

func (d *directive) read(root map[string]json.RawMessage, namespace string) ([]Point, error) {
	if d.Namespace != namespace || len(d.Dimensions) == 0 || len(d.Metrics) == 0 || len(d.Metrics) > maxMetrics {
		return nil, errors.New("another namespace, no dimensions, or no metrics or too many")
	}
	var points []Point
	for _, set := range d.Dimensions {
		dimensions, err := readSet(root, set)
		if err != nil {
			return nil, err
		}
		for _, m := range d.Metrics {
			value, err := readMetric(root, m.Name, m.Unit)
			if err != nil {
				return nil, fmt.Errorf("metric %q: %w", m.Name, err)
			}
			points = append(points, Point{m.Name, dimensions, m.Unit, value})
		}
	}
	return points, nil
}

// readSet reads one set of dimensions: names of members that are strings.
func readSet(root map[string]json.RawMessage, set []string) (string, error) {
	if len(set) == 0 || len(set) > maxDimensions {
		return "", errors.New("a set of no dimensions, or of too many")
	}
	var texts []string
	for _, name := range set {
		var value string
		if err := json.Unmarshal(root[name], &value); err != nil {
			return "", fmt.Errorf("dimension %q is no string: %w", name, err)
		}
		printable := !strings.ContainsFunc(name+value, func(c rune) bool { return c < ' ' || c > '~' })
		if name == "" || len(name) > maxName || strings.TrimSpace(value) == "" || len(value) > maxDimension || !printable || strings.HasPrefix(name, ":") {
			return "", fmt.Errorf("dimension %q=%q", name, value)
		}
		texts = append(texts, name+"="+value)
	}
	return strings.Join(texts, ","), nil
}

func readMetric(root map[string]json.RawMessage, name, unit string) (float64, error) {
	units := []string{"Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Percent", "Count", "None"}
	if name == "" || len(name) > maxName || !slices.Contains(units, unit) {
		return 0, fmt.Errorf("the name, or the unit %q", unit)
	}
	var value float64
	if err := json.Unmarshal(root[name], &value); err != nil {
		return 0, fmt.Errorf("no number: %w", err)
	}
	return value, nil
}

// twice finds a point that would count double.
func twice(points []Point) error {
	seen := map[string]bool{}
	for _, p := range points {
		key := p.Metric + " " + p.Dimensions
		if seen[key] {
			return fmt.Errorf("%s counts twice", key)
		}
		seen[key] = true
	}
	return nil
}
