//! Compiles kv.c against the very SQLite that the program has in it.

fn main() {
    println!("cargo:rerun-if-changed=kv.c");
    let mut build = cc::Build::new();
    if let Ok(folder) = std::env::var("DEP_SQLITE3_INCLUDE") {
        build.include(folder);
    }
    build.file("kv.c").include(".").define("SQLITE_CORE", None).warnings(false).compile("kv");
}
