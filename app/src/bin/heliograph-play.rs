//! The program of `play.html`: the two demos.

fn main() {
    let path = heliograph_app::path();
    match path.split_first() {
        Some((demo, rest)) if demo == "arena" => heliograph_app::arena::page(rest),
        Some((_, rest)) => heliograph_app::quiz::page(rest),
        None => heliograph_app::quiz::page(&[]),
    }
}
