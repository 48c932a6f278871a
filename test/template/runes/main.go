// Prints ext/template/rune_tables.h: what Go's unicode and strconv say of every rune, as ranges.
package main

import (
	"fmt"
	"strconv"
	"unicode"
)

func print(name string, is func(rune) bool) {
	fmt.Printf("\nstatic const rune_range %s[] = {\n", name)
	for r, count := rune(0), 0; r <= unicode.MaxRune; r++ {
		if !is(r) {
			continue
		}
		first := r
		for r < unicode.MaxRune && is(r+1) {
			r++
		}
		if count%5 == 0 {
			fmt.Print("    ")
		}
		fmt.Printf("{0x%x, 0x%x},", first, r)
		if count++; count%5 == 0 {
			fmt.Println()
		} else {
			fmt.Print(" ")
		}
	}
	fmt.Println("};")
}

func main() {
	fmt.Println("/* Made by test/template/runes from Go's tables. clang-format off */")
	fmt.Println("typedef struct rune_range {\n  int first, last;\n} rune_range;")
	print("letters", unicode.IsLetter)
	print("digits", unicode.IsDigit)
	print("printables", strconv.IsPrint)
}
