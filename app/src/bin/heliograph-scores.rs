//! The program of `scores.html`.

fn main() {
    heliograph_app::scoreboard();
}
