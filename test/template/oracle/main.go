// The real text/template, as the judge of ours.
//
//	oracle generate SEED COUNT   prints cases
//	oracle answer                reads cases, prints them with Go's answers
//
// A case is a few lines, ended by an empty one. In all of them \\, \n, \t and \xHH stand for what they say.
//
//	T the template
//	O default, zero or error
//	D key<TAB>value             for each key
//	= the output                or
//	! the error
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"text/template"
	"time"
)

type testCase struct {
	text, option string
	data         map[string]string
}

func escape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			b.WriteString(`\\`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < 0x20 || c == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		case c >= 0x80:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'x':
			n, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			b.WriteByte(byte(n))
			i += 2
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func (c testCase) write(w *bufio.Writer) {
	fmt.Fprintf(w, "T %s\nO %s\n", escape(c.text), c.option)
	keys := make([]string, 0, len(c.data))
	for k := range c.data {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Fprintf(w, "D %s\t%s\n", escape(k), escape(c.data[k]))
	}
}

// The most that Go may write: what is longer says nothing new, and would take long.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > 1<<20 {
		return 0, fmt.Errorf("output too long")
	}
	return l.Buffer.Write(p)
}

func (c testCase) answer() (string, error) {
	t, err := template.New("template").Option("missingkey=" + c.option).Parse(c.text)
	if err != nil {
		return "", err
	}
	var out limited
	err = t.Execute(&out, c.data)
	return out.String(), err
}

// What Go itself does not end within a second (a loop over a huge number, say) is no case. Its goroutine
// cannot be stopped: it goes when the process does.
const patience = time.Second

func (c testCase) answerInTime() (out string, err error, isInTime bool) {
	done := make(chan struct{})
	go func() {
		out, err = c.answer()
		close(done)
	}()
	select {
	case <-done:
		return out, err, true
	case <-time.After(patience):
		return "", nil, false
	}
}

func answerAll(w *bufio.Writer) {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	c := testCase{data: map[string]string{}}
	for in.Scan() {
		line := in.Text()
		switch {
		case strings.HasPrefix(line, "T "):
			c.text = unescape(line[2:])
		case strings.HasPrefix(line, "O "):
			c.option = line[2:]
		case strings.HasPrefix(line, "D "):
			key, value, _ := strings.Cut(line[2:], "\t")
			c.data[unescape(key)] = unescape(value)
		case line == "":
			if c.option == "" {
				c.option = "default"
			}
			out, err, isInTime := c.answerInTime()
			if !isInTime {
				c = testCase{data: map[string]string{}}
				continue
			}
			c.write(w)
			if err != nil {
				fmt.Fprintf(w, "! %s\n\n", escape(err.Error()))
			} else {
				fmt.Fprintf(w, "= %s\n\n", escape(out))
			}
			c = testCase{data: map[string]string{}}
		case strings.HasPrefix(line, "#"):
			fmt.Fprintln(w, line)
		}
	}
}

func main() {
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	switch {
	case len(os.Args) == 4 && os.Args[1] == "generate":
		seed, _ := strconv.ParseInt(os.Args[2], 10, 64)
		count, _ := strconv.Atoi(os.Args[3])
		g := newGenerator(seed)
		for i := 0; i < count; i++ {
			g.testCase().write(w)
			fmt.Fprintln(w)
		}
	case len(os.Args) == 2 && os.Args[1] == "answer":
		answerAll(w)
	default:
		fmt.Fprintln(os.Stderr, "usage: oracle generate SEED COUNT | oracle answer")
		os.Exit(2)
	}
}
