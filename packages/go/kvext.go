// Package kvext is kv, a key-value store inside SQLite, compiled into a program that uses mattn/go-sqlite3:
//
//	kvext.Auto()
//	db, err := sql.Open("sqlite3", "app.db")
//	_, err = db.Exec("SELECT kv_set('config', 'theme', 'dark')")
//
// It needs cgo, and the SQLite that mattn/go-sqlite3 links. modernc.org/sqlite and ncruces/go-sqlite3 are SQLite without
// C (translated to Go, and in WebAssembly): they cannot have an extension written in C, neither this way nor loaded.
package kvext

// #cgo CFLAGS: -DSQLITE_CORE -I${SRCDIR}/sqlite -O2
// #cgo linux freebsd LDFLAGS: -Wl,--unresolved-symbols=ignore-in-object-files -lm
// #cgo darwin LDFLAGS: -Wl,-undefined,dynamic_lookup
// #include "kv.h"
// static int kvext_auto(void) { return sqlite3_auto_extension((void (*)(void))sqlite3_kv_init); }
// static int kvext_cancel(void) { return sqlite3_cancel_auto_extension((void (*)(void))sqlite3_kv_init); }
import "C"

// Auto puts kv on every connection that is opened from now on. It may be called again, to no effect. It panics if SQLite
// has no memory left.
func Auto() {
	if code := C.kvext_auto(); code != 0 {
		panic("kvext: sqlite3_auto_extension fails")
	}
}

// Cancel ends what Auto began; connections that are open keep kv.
func Cancel() {
	C.kvext_cancel()
}
