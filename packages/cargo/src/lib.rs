//! kv, a key-value store inside SQLite, compiled into your program. With `rusqlite` (its feature `bundled`), or any
//! other crate over `libsqlite3-sys`:
//!
//! ```
//! kvext::auto();
//! # /*
//! let db = rusqlite::Connection::open("app.db")?;
//! db.query_row("SELECT kv_set('config', 'theme', 'dark')", [], |_| Ok(()))?;
//! # */
//! ```

use libsqlite3_sys::{sqlite3, sqlite3_api_routines, sqlite3_auto_extension, SQLITE_OK};
use std::os::raw::{c_char, c_int};

extern "C" {
    fn sqlite3_kv_init(db: *mut sqlite3, error: *mut *mut c_char, api: *const sqlite3_api_routines) -> c_int;
}

/// kv is on every connection that this program opens from now on. May be called again, to no effect.
///
/// # Panics
///
/// If SQLite has no memory left.
pub fn auto() {
    // SAFETY: the entry point has the type that SQLite asks for.
    let code = unsafe { sqlite3_auto_extension(Some(std::mem::transmute(sqlite3_kv_init as *const ()))) };
    assert_eq!(code, SQLITE_OK, "kvext: sqlite3_auto_extension");
}

/// kv is on this connection: that of `rusqlite::Connection::handle()`. On an error its code is returned, and the
/// message is that of the connection.
///
/// # Safety
///
/// `db` is an open connection, of the SQLite that is linked into this program.
pub unsafe fn load(db: *mut sqlite3) -> Result<(), c_int> {
    let mut error = std::ptr::null_mut();
    let code = sqlite3_kv_init(db, &mut error, std::ptr::null());
    libsqlite3_sys::sqlite3_free(error.cast());
    if code == SQLITE_OK {
        Ok(())
    } else {
        Err(code)
    }
}
