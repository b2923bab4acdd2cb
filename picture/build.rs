//! Bounds the memory that a picture may take: beyond it an allocation fails, and the script's instance is thrown away.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        // 64 MiB: half of what an isolate may use.
        println!("cargo::rustc-link-arg-cdylib=--max-memory=67108864");
    }
}
