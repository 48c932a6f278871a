// Go's own engine, parsed once and executed ten thousand times, as kv_render does in render.sql.
package main

import (
	"bytes"
	"fmt"
	"text/template"
	"time"
)

func main() {
	t := template.Must(template.New("t").Parse(`{{range $k, $v := .}}{{$k}}={{printf "%8s" $v}};{{end}}{{.host}}:{{.port}}`))
	data := map[string]string{"host": "smtp.example.com", "port": "587", "user": "ann"}
	const count = 10000
	var out bytes.Buffer
	begun := time.Now()
	for i := 0; i < count; i++ {
		out.Reset()
		if err := t.Execute(&out, data); err != nil {
			panic(err)
		}
	}
	fmt.Printf("Go: %d ns for one render\n", time.Since(begun).Nanoseconds()/count)
}
