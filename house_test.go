package gatehouse_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// layers says what the packages of this module may import of each other, by
// the longest prefix that fits. Imports run one way, and adapters never meet.
var layers = map[string][]string{
	"gatehouse/internal/oauth":            {},
	"gatehouse/internal/oauth/mac":        {},
	"gatehouse/internal/oauth/oauth1":     {"gatehouse/internal/oauth", "gatehouse/internal/oauth/mac"},
	"gatehouse/internal/oauth/oauth2":     {"gatehouse/internal/oauth", "gatehouse/internal/oauth/dpop"},
	"gatehouse/internal/oauth/dpop":       {"gatehouse/internal/oauth"},
	"gatehouse/internal/oauth/seal":       {"gatehouse/internal/oauth", "gatehouse/internal/oauth/mac"},
	"gatehouse/internal/oauth/password":   {"gatehouse/internal/oauth"},
	"gatehouse/internal/oauth/oauthtest":  {},
	"gatehouse/internal/oauth/storetest":  {"gatehouse/internal/oauth"},
	"gatehouse/internal/oauth/clientauth": {"gatehouse/internal/oauth", "gatehouse/internal/oauth/oauth1", "gatehouse/internal/oauth/seal"},
	"gatehouse/internal/oauth/access":     {"gatehouse/internal/oauth", "gatehouse/internal/oauth/..."},
	"gatehouse/internal/oauth/grants":     {"gatehouse/internal/oauth", "gatehouse/internal/oauth/..."},
	"gatehouse/internal/oauth/consent":    {"gatehouse/internal/oauth", "gatehouse/internal/oauth/..."},
	"gatehouse/internal/oauth/sessions":   {"gatehouse/internal/oauth", "gatehouse/internal/oauth/..."},
	"gatehouse/internal/oauth/rules":      {"gatehouse/internal/oauth"},
	"gatehouse/internal/audit":            {},
	"gatehouse/internal/apigateway":       {"gatehouse/internal/audit", "gatehouse/internal/oauth", "gatehouse/internal/oauth/rules"},
	"gatehouse/internal/memory":           {"gatehouse/internal/oauth"},
	"gatehouse/internal/operator":         {"gatehouse/internal/oauth"},
	"gatehouse/internal/dynamodb":         {"gatehouse/internal/oauth"},
	"gatehouse/internal/local":            {"gatehouse/internal/oauth"},
	"gatehouse/internal/proxy":            {"gatehouse/internal/oauth", "gatehouse/internal/oauth/..."},
	"gatehouse/internal/signing":          {"gatehouse/internal/oauth", "gatehouse/internal/oauth/oauth1"},
	"gatehouse/internal/doctor":           {"gatehouse/internal/oauth", "gatehouse/internal/oauth/oauth1"},
	"gatehouse/internal/seed":             {"gatehouse/internal/oauth/...", "gatehouse/internal/oauth"},
	"gatehouse/internal/importer":         {"gatehouse/internal/oauth", "gatehouse/internal/oauth/seal", "gatehouse/internal/seed"},
	"gatehouse/internal/deployment":       {"gatehouse/internal/apigateway", "gatehouse/internal/audit", "gatehouse/internal/authenticator", "gatehouse/internal/doctor", "gatehouse/internal/dynamodb", "gatehouse/internal/oauth", "gatehouse/internal/oauth/...", "gatehouse/internal/proxy"},
	"gatehouse/functions/token":           {"gatehouse/internal/authenticator/function", "gatehouse/internal/deployment"},
	"gatehouse/functions/authorize":       {"gatehouse/internal/authenticator/function", "gatehouse/internal/deployment", "gatehouse/internal/oauth/consent/pages"},
	"gatehouse/functions/authorizer":      {"gatehouse/internal/deployment"},
	"gatehouse/functions/revoke":          {"gatehouse/internal/deployment"},
	"gatehouse/functions/proxy":           {"gatehouse/internal/deployment"},

	"gatehouse/internal/oauth/consent/pages": {},
	"gatehouse/internal/authenticator":       {"gatehouse/internal/oauth", "gatehouse/internal/oauth/seal"},

	"gatehouse/internal/oauth/dpop/dpoptest": {},

	"gatehouse/internal/apigateway/emftest": {},

	"gatehouse/internal/authenticator/function": {"gatehouse/internal/authenticator", "gatehouse/internal/oauth", "gatehouse/internal/oauth/password"},
}

// free are for people and tests, and may import anything.
var free = []string{"gatehouse", "gatehouse/cmd/", "gatehouse/internal/flowtest", "gatehouse/internal/dynamodb/dynamodbtest",
	"gatehouse/internal/dynamodb/faulttest", "gatehouse/functions", "gatehouse/scripts/"}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func TestImportsRunOneWay(t *testing.T) {
	for _, p := range packages(t) {
		allowed, known := layers[p.ImportPath]
		if !known && !isFree(p.ImportPath) {
			t.Errorf("%s has no place in the house: give it one in this test", p.ImportPath)
		}
		if !known {
			continue
		}
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, "gatehouse") && !covers(allowed, imported) {
				t.Errorf("%s imports %s, which it may not", p.ImportPath, imported)
			}
		}
	}
}

// TestCoreIsStandard holds the vocabulary and the protocols to the standard
// library, which has neither argon2 nor JOSE.
func TestCoreIsStandard(t *testing.T) {
	others := []string{"gatehouse/internal/oauth/password", "gatehouse/internal/oauth/dpop"}
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			core := strings.HasPrefix(p.ImportPath, "gatehouse/internal/oauth") && !slices.Contains(others, p.ImportPath)
			host, _, _ := strings.Cut(imported, "/")
			if core && strings.Contains(host, ".") {
				t.Errorf("%s imports %s, which is not of the standard library", p.ImportPath, imported)
			}
		}
	}
}

// What a reader can keep in mind at once, in lines.
const (
	longestFile     = 350
	longestFunction = 40
)

// TestNothingIsLong leaves the functions of tests out, where tables are.
func TestNothingIsLong(t *testing.T) {
	functions := 0
	for _, name := range filesEndingIn(t, ".go") {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(source), "\n"); lines > longestFile {
			t.Errorf("%s has %d lines, more than %d", name, lines, longestFile)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, function := range functionsOf(file) {
			functions++
			from, to := files.Position(function.Pos()), files.Position(function.End())
			if lines := to.Line - from.Line + 1; lines > longestFunction {
				t.Errorf("%s: a function of %d lines, more than %d", from, lines, longestFunction)
			}
		}
	}
	if functions < len(layers) {
		t.Fatalf("only %d functions found", functions)
	}
}

// functionsOf are those of a file, with and without a name.
func functionsOf(file *ast.File) (all []ast.Node) {
	for node := range ast.Preorder(file) {
		switch node.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			all = append(all, node)
		}
	}
	return all
}

// A folder that the page does not name is one that nobody finds.
func TestEachFolderIsOnThePage(t *testing.T) {
	_, table, found := strings.Cut(readText(t, "docs/architecture.md"), "\n## Where things are\n")
	if !found {
		t.Fatal("docs/architecture.md does not say where things are")
	}
	for _, p := range packages(t) {
		folder := strings.TrimPrefix(p.ImportPath, "gatehouse")
		named := folder == ""
		for ; len(folder) > 1; folder = path.Dir(folder) {
			if folder != "/internal/oauth" { // which is not all that is below it
				named = named || strings.Contains(table, "`"+folder[1:]+"`")
			}
		}
		if !named && p.ImportPath != "gatehouse/internal/oauth" {
			t.Errorf("docs/architecture.md does not say what %s is for", p.ImportPath)
		}
	}
}

func isFree(path string) bool {
	return slices.ContainsFunc(free, func(name string) bool {
		return path == name || strings.HasSuffix(name, "/") && strings.HasPrefix(path, name)
	})
}

func covers(allowed []string, path string) bool {
	return slices.ContainsFunc(allowed, func(name string) bool {
		below, all := strings.CutSuffix(name, "/...")
		return path == below || all && strings.HasPrefix(path, below+"/")
	})
}

// packages are those of this module, with what their own code imports. Files
// are read here rather than listed by the go command, so that a cached result
// is not one of another tree.
func packages(t *testing.T) []goPackage {
	t.Helper()
	found := map[string][]string{}
	for _, file := range filesEndingIn(t, ".go") {
		if strings.HasSuffix(file, "_test.go") || slices.Contains([]string{"interop", "examples", "bench"}, firstFolder(file)) { // modules of their own
			continue
		}
		name := strings.TrimSuffix("gatehouse/"+path.Dir(file), "/.")
		imports, err := importsOf(file)
		if err != nil {
			t.Fatal(err)
		}
		found[name] = append(found[name], imports...)
	}
	if len(found) < len(layers) {
		t.Fatalf("only %d packages found", len(found))
	}
	all := make([]goPackage, 0, len(found))
	for name, imports := range found {
		all = append(all, goPackage{name, imports})
	}
	return all
}

func firstFolder(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

func importsOf(path string) ([]string, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, spec := range file.Imports {
		imports = append(imports, strings.Trim(spec.Path.Value, `"`))
	}
	return imports, nil
}
