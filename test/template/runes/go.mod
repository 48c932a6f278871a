module runes

go 1.22
