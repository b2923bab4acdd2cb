//! The program of `contest.html`.

fn main() {
    heliograph_app::contest();
}
