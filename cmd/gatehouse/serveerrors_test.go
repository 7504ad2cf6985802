package main

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestErrorLinesOfServe(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	silent := "http://" + taken.Addr().String() // it takes connections and never answers
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	dynamo := func(endpoint string) []string { return []string{"AWS_ENDPOINT_URL_DYNAMODB=" + endpoint} }
	tests := []struct {
		name string
		vars []string
		args string
		want []string
	}{
		{"taken port", nil, "--addr " + taken.Addr().String(), []string{taken.Addr().String() + " is taken", "--addr"}},
		{"no address", nil, "--addr nonsense", []string{"--addr takes ADDRESS:PORT, such as 127.0.0.1:8080", "nonsense"}},
		{"empty address", nil, "--addr=", []string{"--addr takes ADDRESS:PORT"}},
		{"an address of another machine", nil, "--addr 192.0.2.1:80", []string{"--addr 192.0.2.1:80"}},
		{"no seed file", nil, "--seed " + folder + "/none", []string{"seed file", "no such file"}},
		{"seed that is no JSON", nil, "--seed " + write("broken.json", "{\n\n!}"), []string{"broken.json: line 3"}},
		{"huge seed", nil, "--seed " + write("huge.json", strings.Repeat(" ", 11<<20)), []string{"huge.json: it is larger than 10 MB; gatehouse import takes more"}},
		{"seed with a wrong field", nil, "--seed " + write("wrong.json", `{"clients":[{"id":"a","grants":["pasword"]}]}`), []string{"wrong.json: clients[0].grants[0]", "password"}},
		{"broken keys", nil, "--keys " + write("keys.json", "{}"), []string{"keys.json", `"current"`}},
		{"keys in no folder", nil, "--keys " + folder + "/none/keys", []string{"keys file", "no such file"}},
		{"unknown store", nil, "--store redis", []string{"--store is memory or dynamodb"}},
		{"stage", nil, "--stage a/b", []string{"--stage takes"}},
		{"rules", nil, "--rules get_/a_read", []string{"--rules: rule 1", "METHODS PATTERN NEEDS"}},
		{"rules of the environment", []string{"ROUTE_SCOPES=get /a read"}, "", []string{"ROUTE_SCOPES: rule 1", "the methods are"}},
		{"upstream", nil, "--upstream 127.0.0.1:3000", []string{"--upstream: the upstream must be an http or https URL"}},
		{"upstream of the environment", []string{"UPSTREAM_URL=x"}, "", []string{"UPSTREAM_URL: the upstream must be"}},
		{"webhook", nil, "--authenticator-url http://users.example.com", []string{"--authenticator-url takes an https URL", "this machine alone"}},
		{"webhook by another scheme", nil, "--authenticator-url ftp://users.example.com/check", []string{"takes an https URL", "not ftp://users.example.com/check"}},
		{"webhook of the environment", []string{"AUTHENTICATOR_URL=x"}, "", []string{"AUTHENTICATOR_URL: takes an https URL"}},
		{"a function without a region", []string{"AUTHENTICATOR_FUNCTION_ARN=arn:aws:lambda:eu-central-1:123456789012:function:check"}, "", []string{"AWS_REGION"}},
		{"unknown flag", nil, "--port 1", []string{"--port", "gatehouse serve --help"}},
		{"argument", nil, "now", []string{"usage: gatehouse serve"}},
		{"settings", []string{"ACCESS_TOKEN_LIFETIME=x", "TIMESTAMP_WINDOW=y"}, "", []string{"ACCESS_TOKEN_LIFETIME", "TIMESTAMP_WINDOW"}},
		{"DynamoDB out of reach", dynamo("http://127.0.0.1:1"), "--store dynamodb", []string{"DynamoDB at http://127.0.0.1:1", "connection refused"}},
		{"an endpoint that is no URL", dynamo("127.0.0.1:8000"), "--store dynamodb", []string{"AWS_ENDPOINT_URL_DYNAMODB takes a URL like http://127.0.0.1:8000", `not "127.0.0.1:8000"`}},
		{"an endpoint for all services", []string{"AWS_ENDPOINT_URL=nonsense"}, "--store dynamodb", []string{"AWS_ENDPOINT_URL takes a URL"}},
		{"another server than DynamoDB", dynamo(page(t, http.StatusOK)), "--store dynamodb", []string{"what answers there is not DynamoDB"}},
		{"another server that refuses", dynamo(page(t, http.StatusNotFound)), "--store dynamodb", []string{"what answers there is not DynamoDB"}},
		{"silent DynamoDB", dynamo(silent), "--store dynamodb", []string{"DynamoDB at " + silent, "no answer in time"}},
		{"no region", nil, "--store dynamodb", []string{"AWS_REGION"}},
		{"no credentials", []string{"AWS_REGION=eu-central-1"}, "--store dynamodb", []string{"no AWS credentials", "AWS_PROFILE"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			args := append([]string{"serve", "--addr", "127.0.0.1:0"}, strings.Fields(test.args)...)
			line := failure(t, command(t, test.vars, args...))
			for _, want := range test.want {
				if !strings.Contains(line, want) {
					t.Errorf("%q is not in %q", want, line)
				}
			}
		})
	}
}
