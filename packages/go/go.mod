module example.org/kv/kvext

go 1.21
