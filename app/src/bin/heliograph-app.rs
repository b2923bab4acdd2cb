//! The program of `index.html`.

fn main() {
    heliograph_app::boards();
}
