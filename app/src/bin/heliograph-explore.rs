//! The program of `explore.html`.

fn main() {
    heliograph_app::explorer();
}
