// Package pages is what the sign-in and consent pages look like. It is apart
// from package consent so that a program without pages is built without the
// template engine, which costs 400 KB and 0.5 ms of each start.
package pages

import (
	"embed"
	"html/template"
	"io"
)

// Of the files, words.html has all that the pages say: another language is
// another edition of it.
//
//go:embed *.html
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"css": css}).ParseFS(files, "*.html"))

// css lets the style sheet into a page as it is. Package consent made it.
func css(sheet string) template.CSS { return template.CSS(sheet) } // #nosec G203 -- a file, and colours that were checked

// Write writes the page of a kind, the name of its template, that shows data.
func Write(out io.Writer, kind string, data any) error {
	return templates.ExecuteTemplate(out, kind, data)
}
