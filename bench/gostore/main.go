// The Go library go-store itself beside kv, both called from Go: kv through database/sql and mattn's driver, as
// go-store is through modernc's. Prints figures as the bench does (bench/bench.h); times are for one call.
//
//	gostore BUILD    the folder that holds kv.so
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"time"
)

const (
	rounds  = 9
	turn    = 10 * time.Millisecond
	groups  = 100
	members = 1000 // keys of each group
	fields  = "{{ .host }}:{{ .port }} {{ .user }}"
)

// The same calls of both, in a namespace.
type contender interface {
	get(group, key string) error
	set(group, key, value string) error
	setTTL(group, key, value string) error
	count(group string) error
	listGroups() error
	getAll(group string) error
	render(group string) error
	limit() error // a quota on the namespace
	close() error
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/gostore:", err)
		os.Exit(1)
	}
}

func groupOf(i int) string { return fmt.Sprintf("g%02d", i%groups) }
func keyOf(i int) string   { return fmt.Sprintf("key-%08d", i*7919%members) }

// Another one each time: SQLite does not write a row that stays as it is.
func valueOf(i int) string { return fmt.Sprintf("%08d of some lengt", i) }

var calls int // so many so far

func takeTurn(run func(i int) error, count int) time.Duration {
	begun := time.Now()
	for i := 0; i < count; i++ {
		calls++
		check(run(calls))
	}
	return time.Since(begun)
}

func countForTurn(run func(i int) error) int {
	count := 1
	for takeTurn(run, count) < turn/2 && count < 1<<20 {
		count *= 2
	}
	return count
}

func spread(values []float64) string {
	sort.Float64s(values)
	return fmt.Sprintf("%.6g\t%.6g\t%.6g", values[len(values)/2], values[1], values[len(values)-2])
}

// Takes turns, kv's and then go-store's, so that both have the same machine.
func tell(work, where string, contenders [2]contender, call func(c contender, i int) error) {
	var counts [2]int
	var times [2][]float64
	var ratios []float64
	runs := [2]func(i int) error{}
	for side, c := range contenders {
		runs[side] = func(i int) error { return call(c, i) }
		counts[side] = countForTurn(runs[side])
	}
	for i := 0; i < rounds; i++ {
		for side, run := range runs {
			took := takeTurn(run, counts[side])
			times[side] = append(times[side], float64(took.Nanoseconds())/float64(counts[side]))
		}
		ratios = append(ratios, times[0][i]/times[1][i])
	}
	place := strings.Join([]string{"go", work, where, "0"}, "\t")
	fmt.Printf("ratio\t%s\tkv\tgo-store itself\t%s\n", place, spread(ratios))
	fmt.Printf("figure\t%s\tkv\t%s\tns\n", place, spread(times[0]))
	fmt.Printf("figure\t%s\tgo-store itself\t%s\tns\n", place, spread(times[1]))
}

func tellKeys(where string, contenders [2]contender) {
	for i := 0; i < members; i++ {
		check(contenders[0].set("g00", keyOf(i), valueOf(i)))
		check(contenders[1].set("g00", keyOf(i), valueOf(i)))
	}
	tell("get", where, contenders, func(c contender, i int) error { return c.get("g00", keyOf(i)) })
	tell("set", where, contenders, func(c contender, i int) error { return c.set("g00", keyOf(i), valueOf(i)) })
	tell("set with ttl", where, contenders, func(c contender, i int) error {
		return c.setTTL("g00", keyOf(i), valueOf(i))
	})
}

// In a store of 100 groups, 110,000 keys.
func tellGroups(where string, contenders [2]contender) {
	tell("count of a group of 1,000", where, contenders, func(c contender, i int) error { return c.count(groupOf(i)) })
	tell("list 100 groups of 1,000 keys", where, contenders, func(c contender, _ int) error { return c.listGroups() })
	tell("read a group of 1,000", where, contenders, func(c contender, i int) error { return c.getAll(groupOf(i)) })
	tell("render 3 fields of a group of 10,000", where, contenders, func(c contender, _ int) error {
		return c.render("fields")
	})
	for _, c := range contenders {
		check(c.limit())
	}
	tell("set of a new key under a quota, 110,000 keys", where, contenders, func(c contender, i int) error {
		return c.set("new", fmt.Sprintf("new-%08d", i), valueOf(i))
	})
}

func measure(where, directory, library string) {
	paths := [2]string{":memory:", ":memory:"}
	if where != "memory" {
		paths = [2]string{filepath.Join(directory, "kv.db"), filepath.Join(directory, "go-store.db")}
	}
	kv, err := openKV(paths[0], library)
	check(err)
	goStore, err := openGoStore(paths[1])
	check(err)
	contenders := [2]contender{kv, goStore}
	tellKeys(where, contenders)
	if where != "memory" {
		for _, path := range paths {
			check(fill(path))
		}
		tellGroups(where, contenders)
	}
	for _, c := range contenders {
		check(c.close())
	}
}

func main() {
	library, err := filepath.Abs(filepath.Join(os.Args[1], "kv"))
	check(err)
	directory, err := os.MkdirTemp(filepath.Join(os.Args[1], "bench"), "gostore-")
	check(err)
	defer os.RemoveAll(directory)
	fmt.Printf("about\tGo\t%s\n", runtime.Version())
	measure("memory", directory, library)
	measure("WAL, synchronous NORMAL", directory, library)
}
