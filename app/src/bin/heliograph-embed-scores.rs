//! The program of `embed-scores.html`.

fn main() {
    heliograph_app::embed::scores();
}
