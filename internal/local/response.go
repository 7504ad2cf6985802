package local

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// gatewayResponse is a customised answer of the gateway.
type gatewayResponse struct {
	status    int // 0: the one of what it stands for
	headers   []mapping
	templates []bodyTemplate
}

// mapping fills a header from an expression: 'literal', context.NAME,
// method.request.header.NAME or method.request.querystring.NAME.
type mapping struct{ header, expression string }

type bodyTemplate struct{ mediaType, text string }

// refuse answers with the gateway response of the refusal's type, or with the
// one for all of its class, or as the gateway does by itself.
func (g *gateway) refuse(c *call, r *refusal) answer {
	custom := g.responses[r.response]
	if custom == nil {
		custom = g.responses[classOf(r.status)]
	}
	if custom == nil {
		custom = new(gatewayResponse)
	}
	v := c.variables(r)
	a := answer{status: r.status, header: http.Header{}}
	if custom.status != 0 {
		a.status = custom.status
	}
	if len(custom.headers) == 0 {
		a.header.Set("X-Amzn-Errortype", r.errType)
	}
	for _, m := range custom.headers {
		if value, ok := v.expression(m.expression); ok {
			a.header.Set(m.header, value)
		}
	}
	template := custom.template(c.request.Header.Get("Accept"))
	a.header.Set("Content-Type", template.mediaType)
	a.body = []byte(v.render(template.text))
	return a
}

func classOf(status int) responseType {
	if status >= http.StatusInternalServerError {
		return default5XX
	}
	return default4XX
}

// template is the one of the media type asked for, else JSON, else the first.
func (g *gatewayResponse) template(accept string) bodyTemplate {
	for _, wanted := range []string{accept, "application/json"} {
		for _, template := range g.templates {
			if template.mediaType == wanted {
				return template
			}
		}
	}
	if len(g.templates) > 0 {
		return g.templates[0]
	}
	return bodyTemplate{"application/json", `{"message":$context.error.messageString}`}
}

// variables are what gateway responses may refer to.
type variables struct {
	request *http.Request
	context map[string]any
}

func (c *call) variables(r *refusal) variables {
	context := c.context.tree()
	context["error"] = map[string]any{"message": r.message, "messageString": r.quoted(), "responseType": string(r.response)}
	if r.context != nil {
		context["authorizer"] = r.context
	}
	return variables{c.request, context}
}

// tree is the request context as its JSON is.
func (r requestContext) tree() map[string]any {
	tree := map[string]any{}
	text, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(text, &tree)
	}
	if err != nil {
		return map[string]any{} // strings and numbers always encode
	}
	return tree
}

var variablePattern = regexp.MustCompile(`\$context(?:\.[A-Za-z0-9_-]+)+`)

// render puts the variables into a template; one without a value is empty.
// Values are put in as they are: the template brings its own quotes.
func (v variables) render(template string) string {
	return variablePattern.ReplaceAllStringFunc(template, func(name string) string {
		value, _ := v.lookup(strings.TrimPrefix(name, "$context."))
		return value
	})
}

// expression evaluates the expression of a mapping; ok is false when it has no
// value.
func (v variables) expression(text string) (value string, ok bool) {
	if literal, ok := literal(text); ok {
		return literal, true
	}
	if name, ok := strings.CutPrefix(text, "context."); ok {
		return v.lookup(name)
	}
	if name, ok := strings.CutPrefix(text, "method.request.header."); ok {
		return v.request.Header.Get(name), v.request.Header.Get(name) != ""
	}
	name := strings.TrimPrefix(text, "method.request.querystring.")
	for _, param := range decodeQuery(v.request.URL.RawQuery) {
		if param.Name == name {
			value, ok = param.Value, true
		}
	}
	return value, ok
}

// lookup finds context.NAME, in which dots go down.
func (v variables) lookup(name string) (string, bool) {
	var at any = v.context
	for part := range strings.SplitSeq(name, ".") {
		inner, ok := at.(map[string]any)
		if !ok {
			return "", false
		}
		at = inner[part]
	}
	switch value := at.(type) {
	case string:
		return value, true
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64), true
	}
	return "", false
}

// literal returns what is between the single quotes of a static value.
func literal(text string) (string, bool) {
	if len(text) < 2 || text[0] != '\'' || text[len(text)-1] != '\'' {
		return "", false
	}
	return text[1 : len(text)-1], true
}
