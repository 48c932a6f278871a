// The Go library go-store itself, at the work that operations.c and listings.c measure. Prints figures as the bench
// does (bench/bench.h); go-store opens every file in WAL mode, and leaves synchronous at FULL.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"time"

	store "forge.lthn.ai/core/go-store"
)

const (
	rounds = 9
	turn   = 20 * time.Millisecond
	keys   = 1000
	value  = "00000000 of some lengt"
)

// Times the work in rounds that last a turn each: the median, and what is left without the outermost.
func tell(family, work, where string, run func(i int) error) {
	var times []float64
	count := 1
	for len(times) < rounds {
		begun := time.Now()
		for i := 0; i < count; i++ {
			check(run(i))
		}
		took := time.Since(begun)
		if took < turn/2 && count < 1<<20 {
			count *= 2 // not a round yet
			continue
		}
		times = append(times, float64(took.Nanoseconds())/float64(count))
	}
	sort.Float64s(times)
	fmt.Printf("figure\t%s\t%s\t%s\t0\tgo-store itself\t%.6g\t%.6g\t%.6g\tns\n", family, work, where,
		times[rounds/2], times[1], times[rounds-2])
}

func key(i int) string { return fmt.Sprintf("key-%08d", i*7919%keys) }

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(path, where string, hasListings bool) {
	s, err := store.New(path)
	check(err)
	defer s.Close()
	for i := 0; i < keys; i++ {
		check(s.Set("g", key(i), value))
	}
	tell("operations", "get", where, func(i int) error {
		_, err := s.Get("g", key(i))
		return err
	})
	tell("operations", "set", where, func(i int) error { return s.Set("g", key(i), fmt.Sprintf("%08d of some lengt", i)) })
	tell("operations", "set with ttl", where, func(i int) error {
		return s.SetWithTTL("g", key(i), fmt.Sprintf("%08d of some lengt", i), time.Hour)
	})
	if !hasListings {
		return
	}
	tell("listings", "count of a group of 1,000", where, func(int) error {
		_, err := s.Count("g")
		return err
	})
	tell("listings", "read a group of 1,000", where, func(int) error {
		_, err := s.GetAll("g")
		return err
	})
	check(s.Set("g", "host", "smtp.example.com"))
	check(s.Set("g", "port", "587"))
	check(s.Set("g", "user", "ann"))
	tell("listings", "render 3 fields of a group of 1,000", where, func(int) error {
		_, err := s.Render("{{ .host }}:{{ .port }} {{ .user }}", "g")
		return err
	})
}

func main() {
	directory, err := os.MkdirTemp(os.Args[1], "go-store-")
	check(err)
	defer os.RemoveAll(directory)
	measure(":memory:", "memory", true)
	measure(filepath.Join(directory, "store.db"), "WAL, synchronous FULL", false)
}
