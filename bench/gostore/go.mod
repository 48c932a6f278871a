module gostore

go 1.22
