//! The program of `console.html`.

fn main() {
    heliograph_app::console();
}
