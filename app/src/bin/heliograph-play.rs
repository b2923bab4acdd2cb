//! The program of `play.html`: the two demos.

fn main() {
    let path = heliograph_app::segments();
    match path.split_first() {
        Some((demo, rest)) if demo == "arena" => heliograph_app::demos::arena::page(rest),
        Some((_, rest)) => heliograph_app::demos::quiz::page(rest),
        None => heliograph_app::demos::quiz::page(&[]),
    }
}
