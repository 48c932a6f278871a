// cargo run -- app.db build/kv [writes]
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::Row;

#[tokio::main]
async fn main() -> Result<(), sqlx::Error> {
    let arguments: Vec<String> = std::env::args().collect();
    let options = SqliteConnectOptions::new()
        .filename(&arguments[1])
        .create_if_missing(true)
        .extension_with_entrypoint(arguments[2].clone(), "sqlite3_kv_init");
    let db = SqlitePoolOptions::new().connect_with(options).await?;
    if arguments.len() > 3 {
        writes(&db).await
    } else {
        mail(&db).await
    }
}

async fn mail(db: &SqlitePool) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT kv_set('mail', 'host', ?)").bind("smtp.example.com").fetch_one(db).await?;
    sqlx::query("SELECT kv_set('mail', 'port', ?)").bind(587).fetch_one(db).await?;
    let host: String = sqlx::query_scalar("SELECT kv_get('mail', 'host')").fetch_one(db).await?;
    println!("{host}");
    for row in sqlx::query("SELECT key, CAST(value AS TEXT) FROM kv_entries('mail')").fetch_all(db).await? {
        println!("{}={}", row.get::<String, _>(0), row.get::<String, _>(1));
    }
    let template = "{{ .host }}:{{ .port }}";
    let text: String = sqlx::query_scalar("SELECT kv_render(?, 'mail')").bind(template).fetch_one(db).await?;
    println!("{text}");
    if let Err(error) = sqlx::query("SELECT kv_require('mail', 'user')").fetch_one(db).await {
        println!("{error}");
    }
    Ok(())
}

// What a rollback takes back.
async fn writes(db: &SqlitePool) -> Result<(), sqlx::Error> {
    for (name, sql) in [
        ("SELECT kv_set", "SELECT kv_set('t', 'k', 'kept')"),
        ("INSERT INTO kv_entries", "INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')"),
        ("INSERT INTO kv_call", "INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 't', 'k', 'kept')"),
    ] {
        let mut transaction = db.begin().await?;
        sqlx::query(sql).fetch_all(&mut *transaction).await?;
        transaction.rollback().await?;
        let left: Option<String> = sqlx::query_scalar("SELECT kv_getdel('t', 'k')").fetch_one(db).await?;
        println!("{name}, in a transaction: {}", left.unwrap_or("nothing".into()));
    }
    Ok(())
}
