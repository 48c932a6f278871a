package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// The strings of Go's own tests: templates, and formats. From the Go that is here, so that a newer one brings its own.
var goTemplates, goFormats = goStrings("text/template", "text/template/parse"), goStrings("fmt")

func goStrings(packages ...string) (found []string) {
	for _, name := range packages {
		files, _ := filepath.Glob(filepath.Join(runtime.GOROOT(), "src", name, "*_test.go"))
		for _, file := range files {
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				continue
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					if s, err := strconv.Unquote(literal.Value); err == nil && len(s) < 400 && strings.ContainsAny(s, "{%") {
						found = append(found, s)
					}
				}
				return true
			})
		}
	}
	return found
}

var tokens = regexp.MustCompile("(?s)\\{\\{-?|-?\\}\\}|\"(\\\\.|[^\"\\\\])*\"|`[^`]*`|'[^']*'|[$.]?[\\pL\\d_]+|:=|\\s+|.")

// A template of Go's tests, with a few tokens gone, doubled, exchanged or taken from another.
func (g *generator) borrowed() string {
	parts := tokens.FindAllString(goTemplates[g.Intn(len(goTemplates))], -1)
	for i := g.Intn(4); i > 0 && len(parts) > 0; i-- {
		at, other := g.Intn(len(parts)), g.Intn(len(parts))
		switch g.Intn(5) {
		case 0:
			parts = append(parts[:at:at], parts[at+1:]...)
		case 1:
			parts = append(parts[:at:at], append([]string{parts[at]}, parts[at:]...)...)
		case 2:
			parts[at], parts[other] = parts[other], parts[at]
		case 3:
			from := tokens.FindAllString(goTemplates[g.Intn(len(goTemplates))], -1)
			if len(from) > 0 {
				parts[at] = from[g.Intn(len(from))]
			}
		default:
			parts[at] = g.pick("\n", " ", ".a", "$", "$x", ".", "nil", "1", "1.5", `"a"`, "(", ")", "|", ":=", "=", ",", "{{", "}}", "end", "else",
				"if", "range", "with", "define", "block", "template", "break", "continue", "true", "len", "index", "printf", "\n\n", "{{-\n", "\n-}}")
		}
	}
	return strings.Join(parts, "")
}

var functions = []string{"and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not", "or", "print", "printf", "println",
	"slice", "urlquery"}

// A value of every kind that there is, or nearly none.
func (g *generator) anyValue() string {
	return g.pick(".a", ".b", ".missing", ".", "$", "nil", "true", "false", "0", "1", "2", "-1", "97", "1.5", "0.0", "-0.0", "1e6", "1i", "(1+2i)", "1+2i", "'a'",
		`""`, `"a"`, `"%d|%s"`, "`x`", `"日本"`, `"\xff"`, "(index . \"a\")", "(index .b 0)", "(len .)", "(print)", "(not 1)", "(eq 1 1)", "18446744073709551615",
		"(and)", "(.a)", "($.b)", "(printf \"%d\" 3)", "(html .a)", "(slice .b 0 1)", "(.).a", "(1)", "(nil)", "(\"x\" | len)")
}

// A function over values of every kind.
func (g *generator) application() string {
	var b strings.Builder
	b.WriteString("{{" + g.pick("", "", "", "$x := ", "if ", "with ", "range ", "- "))
	for stage := 0; stage == 0 || g.chance(20); stage++ {
		if stage > 0 {
			b.WriteString(" | ")
		}
		if g.chance(90) {
			b.WriteString(functions[g.Intn(len(functions))])
		}
		for i := g.Intn(4); i > 0; i-- {
			b.WriteString(" " + g.anyValue())
		}
	}
	text := b.String() + g.pick("}}", "}}", " }}", "\n}}")
	if strings.HasPrefix(text, "{{if ") || strings.HasPrefix(text, "{{with ") || strings.HasPrefix(text, "{{range ") {
		text += "{{.}}{{else}}no{{end}}"
	}
	return text
}

// A float at a place where formats go wrong: a power of two or ten, or beside one, or anything.
func (g *generator) float() string {
	var f float64
	switch g.Intn(4) {
	case 0:
		f = math.Ldexp(1, g.Intn(2098)-1074)
	case 1:
		f = math.Nextafter(math.Ldexp(1, g.Intn(2098)-1074), math.Inf(g.Intn(2)*2-1))
	case 2:
		f, _ = strconv.ParseFloat(fmt.Sprintf("%de%d", g.Intn(1000), g.Intn(620)-310), 64)
	default:
		f = math.Float64frombits(g.Uint64())
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		f = 0.1
	}
	text := g.pick(strconv.FormatFloat(f, 'x', -1, 64), strconv.FormatFloat(f, 'e', -1, 64), strconv.FormatFloat(f, 'e', 20, 64))
	return g.pick(text, text, text, "0x1p-24", "5e-324", "1.7976931348623157e308", "2.2250738585072014e-308")
}

func (g *generator) verb() string {
	var b strings.Builder
	b.WriteString("%")
	for g.chance(45) {
		b.WriteString(g.pick("+", "-", "#", " ", "0"))
	}
	if g.chance(40) {
		b.WriteString(g.pick("0", "1", "2", "3", "7", "8", "20", "30", "64", "*"))
	}
	if g.chance(40) {
		b.WriteString("." + g.pick("", "0", "1", "2", "3", "5", "6", "15", "16", "17", "18", "25", "50", "*"))
	}
	b.WriteString(g.pick("v", "T", "t", "b", "c", "d", "o", "O", "q", "x", "X", "U", "e", "E", "f", "F", "g", "G", "s", "p", "w", "z"))
	return b.String()
}

// Every verb with every flag over every kind of value.
func (g *generator) formatted() string {
	format := g.pick("", "a", "%%") + g.verb() + g.pick("", "|")
	if g.chance(20) {
		format = goFormats[g.Intn(len(goFormats))]
	}
	value := g.pick(g.anyValue(), g.float(), g.float(), g.number(), g.quoted(), g.field())
	arguments := g.pick(value, value, value, "3 "+value, "-5 2 "+value, value+" "+g.anyValue())
	if format[max(len(format)-2, 0):] == "%p" || strings.Contains(format, "p") && strings.ContainsAny(arguments, ".$") {
		format = "%v" // an address is not the same twice
	}
	return "{{printf " + strconv.Quote(format) + " " + arguments + "}}"
}

func (g *generator) floats() string {
	return "{{" + g.pick("", "print ", "println ", "printf \"%v\" ", "printf \"%g %e %f\" 1.5 2.5 ", "eq 1.5 ") + g.float() + "}}"
}
