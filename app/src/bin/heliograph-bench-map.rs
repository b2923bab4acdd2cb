//! The program of `cargo xtask bench map`; no page has it.

fn main() {
    heliograph_app::bench_map();
}
