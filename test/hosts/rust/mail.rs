// cargo run -- app.db build/kv
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, LoadExtensionGuard, Result};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let db = Connection::open(&arguments[1])?;
    // SAFETY: the library at this path is the extension.
    unsafe {
        let _guard = LoadExtensionGuard::new(&db)?;
        db.load_extension(&arguments[2], None::<&str>)?;
    }

    db.create_scalar_function("changed", 5, FunctionFlags::SQLITE_UTF8, |change| {
        let (kind, group, key): (String, String, String) = (change.get(0)?, change.get(1)?, change.get(2)?);
        println!("{kind} {group}/{key}");
        Ok(0)
    })?;
    db.query_row("SELECT kv_on_change('changed')", [], |_| Ok(()))?;

    db.query_row("SELECT kv_set('mail', 'host', ?)", ["smtp.example.com"], |_| Ok(()))?;
    db.query_row("SELECT kv_set('mail', 'port', ?)", [587], |_| Ok(()))?;
    let host: String = db.query_row("SELECT kv_get('mail', 'host')", [], |row| row.get(0))?;
    println!("{host}");
    let mut entries = db.prepare("SELECT key, CAST(value AS TEXT) FROM kv_entries('mail')")?;
    let mut rows = entries.query([])?;
    while let Some(row) = rows.next()? {
        println!("{}={}", row.get::<_, String>(0)?, row.get::<_, String>(1)?);
    }
    let template = "{{ .host }}:{{ .port }}";
    let text: String = db.query_row("SELECT kv_render(?, 'mail')", [template], |row| row.get(0))?;
    println!("{text}");
    if let Err(error) = db.query_row("SELECT kv_require('mail', 'user')", [], |_| Ok(())) {
        println!("{error}");
    }
    Ok(())
}
