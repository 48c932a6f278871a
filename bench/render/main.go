// Go's own engine on the templates of templates.txt, parsed once, and parsed each time as go-store does. Prints
// figures as the bench does (bench/bench.h). The group is a map that is there already: reading it is not timed.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"sort"
	"strings"
	"text/template"
	"time"
)

var group = map[string]string{
	"host": "smtp.example.com", "port": "587", "user": "ann", "from": "ann@example.com", "tls": "yes",
}

func render(t *template.Template, out *bytes.Buffer) {
	out.Reset()
	if err := t.Execute(out, group); err != nil {
		panic(err)
	}
}

// The median, and what is left of the rest without the outermost.
func tell(name, where string, run func()) {
	const rounds, renders = 9, 2000
	var times []float64
	for i := 0; i < rounds; i++ {
		begun := time.Now()
		for j := 0; j < renders; j++ {
			run()
		}
		times = append(times, float64(time.Since(begun).Nanoseconds())/renders)
	}
	sort.Float64s(times)
	fmt.Printf("figure\ttemplates\t%s\t%s\t0\tGo\t%.6g\t%.6g\t%.6g\tns\n", name, where, times[rounds/2], times[0], times[rounds-1])
}

func main() {
	fmt.Printf("about\tGo\t%s\n", runtime.Version())
	file, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	var out bytes.Buffer
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, text, _ := strings.Cut(lines.Text(), "\t")
		parsed := template.Must(template.New("t").Parse(text))
		tell(name, "one template, over the rows of one statement", func() { render(parsed, &out) })
		// As go-store does, whether it has seen the template or not.
		for _, where := range []string{"one template, a statement each time", "another template each time"} {
			tell(name, where, func() { render(template.Must(template.New("t").Parse(text)), &out) })
		}
	}
}
