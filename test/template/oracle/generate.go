package main

import (
	"fmt"
	"math/rand"
	"regexp"
	"strings"
)

// A generator of templates from the grammar: most are well-formed, some are broken afterwards.
type generator struct {
	*rand.Rand
	variables []string
	loops     int
	defined   []string
}

func newGenerator(seed int64) *generator {
	return &generator{Rand: rand.New(rand.NewSource(seed))}
}

func (g *generator) pick(from ...string) string { return from[g.Intn(len(from))] }

func (g *generator) chance(percent int) bool { return g.Intn(100) < percent }

var keys = []string{"a", "b", "c", "name", "empty", "n", "html", "uni", "日本", "x1", "_u", "quote"}

func (g *generator) value() string {
	return g.pick("", "x", "5", "-17", "3.25", "hello world", "<b>&\"'</b>", "日本語", "é", "a\nb\tc", "\xff\xfe bad", "\x00nul",
		"O'Neil", "1e6", "true", "a=b&c=d", "\u2028\u200b", "😀!", "%d %s", "{{.a}}", "long text with more than twenty characters in it")
}

func (g *generator) data() map[string]string {
	data := map[string]string{}
	for i := g.Intn(7); i > 0; i-- {
		data[keys[g.Intn(len(keys))]] = g.value()
	}
	return data
}

func (g *generator) field() string {
	f := "." + g.pick(keys...)
	if g.chance(2) {
		f += "." + g.pick(keys...)
	}
	return f
}

func (g *generator) variable() string {
	if len(g.variables) == 0 || g.chance(8) {
		if g.chance(3) {
			return "$nobody"
		}
		return g.pick("$", "$.a", "$.name", "$.missing")
	}
	v := g.variables[g.Intn(len(g.variables))]
	if g.chance(8) {
		v += ".a"
	}
	return v
}

func (g *generator) quoted() string {
	if g.chance(60) {
		return g.pick(`"a"`, `"x"`, `"name"`, `""`, "`raw`", `"日本"`, `"5"`)
	}
	return g.pick(`""`, `"x"`, `"a"`, `"hello"`, `"日本"`, `"\n\t\""`, `"\x41\u00e9\U0001F600"`, `"\101"`, "`raw\\n`", "`a\"b`", `"name"`,
		`"<i>"`, `"%d"`, `"a b"`, `"\xff"`, `"\q"`, `"'"`, `"1"`)
}

func (g *generator) number() string {
	if g.chance(60) {
		return g.pick("0", "1", "2", "3", "10", "-1", "1.5", "'a'", "100")
	}
	return g.pick("0", "1", "2", "3", "-1", "+7", "10", "017", "0x1F", "0b101", "0o17", "1_000", "1.5", "-0.0", ".5", "1e3", "1E-3", "2.50",
		"0x1p4", "0x1.8p1", "1e400", "'a'", "'\\n'", "'日'", "'\\x41'", "'\\''", "1i", "1+2i", "2.5i", "1-1i", "0i", "9223372036854775807",
		"9223372036854775808", "18446744073709551616", "-9223372036854775808", "1e18", "1e19", "123456789.0", "0.000001", "0.1", "1__0",
		"0x", "08", "1e", "3.14159", "100000000000000000000.0", "5e-324", "0x_1F", "1_0.5", "-0", "1.0")
}

func (g *generator) term(depth int) string {
	switch g.Intn(16) {
	case 0, 1, 2, 3, 4:
		return g.field()
	case 5, 6:
		return g.variable()
	case 7, 8:
		return g.quoted()
	case 9, 10:
		return g.number()
	case 11:
		return g.pick("true", "false", "true", "false", "true", "false", "nil")
	case 12:
		return "."
	default:
		if depth <= 0 {
			return g.field()
		}
		term := "(" + g.pipeline(depth-1) + ")"
		if g.chance(10) {
			term += "." + g.pick(keys...)
		}
		return term
	}
}

func (g *generator) format() string {
	var b strings.Builder
	for i := g.Intn(4) + 1; i > 0; i-- {
		b.WriteString(g.pick("", " ", "x", "é", "%%", ":"))
		b.WriteString("%")
		if g.chance(8) {
			b.WriteString(g.pick("[1]", "[2]", "[3]", "[0]", "[x]", "[", "[]"))
		}
		for g.chance(30) {
			b.WriteString(g.pick("+", "-", "#", " ", "0"))
		}
		if g.chance(30) {
			b.WriteString(g.pick("1", "2", "5", "10", "*", "20", "[2]*", "3"))
		}
		if g.chance(25) {
			b.WriteString("." + g.pick("", "0", "1", "2", "5", "10", "*", "[1]*", "3"))
		}
		if g.chance(5) {
			b.WriteString(g.pick("[1]", "[2]", "[3]"))
		}
		b.WriteString(g.pick("v", "v", "s", "d", "q", "x", "X", "t", "T", "c", "U", "e", "E", "f", "F", "g", "G", "b", "o", "O", "z", "é", "w", "!"))
	}
	if g.chance(4) {
		b.WriteString("%")
	}
	return "\"" + b.String() + "\""
}

func (g *generator) arguments(least, most, depth int) string {
	var b strings.Builder
	for i := least + g.Intn(most-least+1); i > 0; i-- {
		b.WriteString(" " + g.term(depth))
	}
	return b.String()
}

func (g *generator) function(depth int) string {
	switch g.Intn(14) {
	case 0, 1, 2, 3:
		return "printf " + g.format() + g.arguments(0, 4, depth)
	case 4:
		return g.pick("print", "println") + g.arguments(0, 4, depth)
	case 5:
		return g.pick("html", "js", "urlquery") + g.arguments(0, 2, depth)
	case 6:
		return g.pick("and", "or") + g.arguments(1, 3, depth)
	case 7:
		return "not" + g.arguments(1, 1, depth)
	case 8:
		word := g.pick("eq", "ne", "lt", "le", "gt", "ge")
		switch g.Intn(3) {
		case 0:
			return word + " " + g.pick("1", "2", "-1", "(len .)", "'a'") + " " + g.pick("1", "2", "0", "(len $)", "97")
		case 1:
			return word + " " + g.pick("1.5", "2.0", "-0.0") + " " + g.pick("1.5", "0.0", "1e3")
		}
		return word + " " + g.pick(g.quoted(), "(print "+g.field()+")") + " " + g.pick(g.quoted(), "(html "+g.field()+")")
	case 9:
		return g.pick("eq", "eq", "ne", "lt", "le", "gt", "ge") + g.arguments(2, 2, depth)
	case 10:
		return "eq" + g.arguments(1, 4, depth)
	case 11:
		return "len " + g.pick(".", "$", g.quoted(), g.field(), g.term(depth))
	case 12:
		if g.chance(50) {
			return "index " + g.pick(".", "$", g.field(), g.quoted()) + g.arguments(0, 2, depth)
		}
		return "slice " + g.pick(g.field(), g.quoted(), ".") + " " + g.pick("0", "1", "2", "", "1 2", "0 3", "2 1", "0 1 2", g.number())
	default:
		if g.chance(80) {
			return "printf " + g.format() + g.arguments(1, 3, depth)
		}
		return g.pick("call .a", "call", "nofunction .a", "print", "len", "not", "printf", "call nil", "index", "lt .a")
	}
}

func (g *generator) pipeline(depth int) string {
	var stages []string
	for i := 0; i == 0 || (i < 4 && g.chance(25)); i++ {
		switch {
		case g.chance(45):
			stages = append(stages, g.function(depth))
		case i > 0 && g.chance(80):
			stages = append(stages, g.pick("html", "js", "urlquery", "print", "println", "len", "not", "printf "+g.format(), "eq "+g.term(0), "index .", "and 1", "or 0"))
		case g.chance(4):
			stages = append(stages, g.term(depth)+g.arguments(1, 2, depth))
		default:
			stages = append(stages, g.term(depth))
		}
	}
	return strings.Join(stages, g.pick(" | ", "|", " |"))
}

func (g *generator) open() string  { return g.pick("{{", "{{", "{{ ", "{{- ", "{{-\n") }
func (g *generator) close() string { return g.pick("}}", "}}", " }}", " -}}", "\n-}}") }

func (g *generator) action(inside string) string { return g.open() + inside + g.close() }

func (g *generator) declared() string {
	v := g.pick("$v", "$x", "$i", "$long")
	g.variables = append(g.variables, v)
	return v
}

func (g *generator) rangePipe(depth int) string {
	over := g.pick(".", ".", "$", "3", "0", "2", g.pipeline(0), g.term(0))
	switch g.Intn(8) {
	case 0, 1:
		return g.declared() + " := " + over
	case 2, 3:
		return g.declared() + ", " + g.declared() + " := " + over
	case 4:
		if len(g.variables) > 0 {
			return g.variables[g.Intn(len(g.variables))] + " = " + over
		}
	case 5:
		return g.pick("$a, $b, $c := .", "$a, 5", over, over)
	}
	return over
}

func (g *generator) control(depth int) string {
	mark := len(g.variables)
	defer func() { g.variables = g.variables[:mark] }()
	word := g.pick("if", "if", "with", "range", "range")
	var b strings.Builder
	if word == "range" {
		b.WriteString(g.action("range " + g.rangePipe(depth)))
		g.loops++
	} else {
		pipe := g.pipeline(depth)
		if g.chance(15) {
			pipe = g.declared() + " := " + pipe
		}
		b.WriteString(g.action(word + " " + pipe))
	}
	b.WriteString(g.list(depth - 1))
	if word == "range" {
		g.loops--
	}
	for word != "range" && g.chance(20) {
		b.WriteString(g.action("else " + g.pick(word, word, word, "if", "with") + " " + g.pipeline(depth-1)))
		b.WriteString(g.list(depth - 1))
	}
	if g.chance(35) {
		b.WriteString(g.action("else"))
		b.WriteString(g.list(depth - 1))
	}
	b.WriteString(g.action("end"))
	return b.String()
}

func (g *generator) body(depth int) string {
	variables, loops := g.variables, g.loops
	g.variables, g.loops = nil, 0
	defer func() { g.variables, g.loops = variables, loops }()
	return g.list(depth)
}

func (g *generator) define(depth int) string {
	name := g.pick("one", "two", "three", "template")
	text := g.action(fmt.Sprintf("define %q", name)) + g.body(depth-1) + g.action("end")
	g.defined = append(g.defined, name)
	return text
}

func (g *generator) call(depth int) string {
	name := g.pick("one", "two", "three", "nowhere")
	if len(g.defined) > 0 && g.chance(85) {
		name = g.defined[g.Intn(len(g.defined))]
	}
	return g.action(fmt.Sprintf("template %q %s", name, g.pick("", ".", g.pipeline(0))))
}

func (g *generator) node(depth int) string {
	switch n := g.Intn(60) % 20; {
	case n == 19 && g.chance(70):
		return g.action(g.field())
	}
	switch g.Intn(20) {
	case 0, 1, 2, 3:
		return g.pick("text", " ", "\n", "  \n\t", "é{", "}}", "}", "a{ {b", "- ", "日本 ")
	case 4, 5, 6, 7, 8, 9:
		return g.action(g.pipeline(depth))
	case 10:
		pipe := g.pipeline(depth)
		return g.action(g.declared() + " := " + pipe)
	case 11:
		return g.action(g.pick("$v", "$x", "$i") + " = " + g.pipeline(depth))
	case 12:
		return g.action(g.pick("/* comment */", "/**/", "/* }} */", "/* \n */"))
	case 13, 14, 15, 16:
		if depth > 0 {
			return g.control(depth)
		}
		return g.action(g.field())
	case 17:
		if g.loops > 0 || g.chance(10) {
			return g.action(g.pick("break", "continue"))
		}
		return g.action(".")
	case 18:
		if depth > 0 && g.chance(60) {
			name := g.pick("one", "two", "three")
			g.defined = append(g.defined, name)
			return g.action(fmt.Sprintf("block %q %s", name, g.pipeline(0))) + g.body(depth-1) + g.action("end")
		}
		return g.call(depth)
	default:
		return g.pick("{{", "{{}}", "{{end}}", "{{else}}", "{{ . }", "{{.a b}}", "{{(}}", "{{)}}", "{{.a.}}", "{{$}}", "{{ .a | }}", "{{| .a}}",
			"{{/* open", "{{define}}", "{{`open}}", "{{\"open}}", "{{'ab'}}", "{{.a,.b}}", "{{$x:=1}}{{$x}}", "{{$x:1}}", "{{@}}", "{{.é}}", "{{1a}}", "{{true.a}}",
			"{{- }}", "{{--}}", "{{-3-}}", "{{3 -}} ", " {{- 3}}", "{{template}}", "{{template one}}", "{{break}}", "{{define \"x\"}}{{end}}", "{{if .a}}", "{{ end }}",
			"{{\n.a\n}}", "{{.a}}{{.b}}", "{{$.a}}", "{{.}}", "{{(.a)}}", "{{((.a))}}", "{{print (print 1) 2}}", "{{.a|print}}", "{{ nil }}")
	}
}

func (g *generator) list(depth int) string {
	mark := len(g.variables)
	defer func() { g.variables = g.variables[:mark] }()
	var b strings.Builder
	for i := g.Intn(4); i > 0; i-- {
		b.WriteString(g.node(depth))
	}
	return b.String()
}

// Breaks the text somewhere, as a hand that slips.
func (g *generator) mutate(text string) string {
	if text == "" {
		return text
	}
	at := g.Intn(len(text))
	switch g.Intn(4) {
	case 0:
		return text[:at] + text[at+1:]
	case 1:
		return text[:at] + g.pick("{{", "}}", "(", ")", "|", ".", "$", "\"", "'", "`", " ", "\n", "-", "1", "e", "é", ",", ":=", "=", "\xff", "\x00", "/*", "[") + text[at:]
	case 2:
		to := at + g.Intn(len(text)-at) + 1
		return text[:at] + text[to:]
	default:
		to := at + g.Intn(len(text)-at) + 1
		return text[:to] + text[at:to] + text[to:]
	}
}

// What may be the end of a loop that Go would not reach in our lifetime.
var large = regexp.MustCompile(`[0-9_]{5,}|[eE][+]?[0-9]|[xX][0-9a-fA-F_]{4,}|[pP][0-9]`)

func (g *generator) testCase() testCase {
	c := g.anyCase()
	for strings.Contains(c.text, "range") && large.MatchString(c.text) {
		c = g.anyCase()
	}
	return c
}

func (g *generator) anyCase() testCase {
	var text string
	switch n := g.Intn(100); {
	case n < 15:
		text = g.borrowed()
	case n < 30:
		text = g.application()
	case n < 45:
		text = g.formatted()
	case n < 50:
		text = g.floats()
	default:
		text = g.grammatical()
	}
	for g.chance(12) {
		text = g.mutate(text)
	}
	return testCase{text, g.pick("default", "default", "default", "zero", "error"), g.data()}
}

// A whole template by the grammar.
func (g *generator) grammatical() string {
	g.variables, g.loops, g.defined = nil, 0, nil
	var b strings.Builder
	for i := g.Intn(4) + 1; i > 0; i-- {
		if g.chance(10) {
			b.WriteString(g.define(2))
		}
		b.WriteString(g.node(3))
	}
	return b.String()
}
