//! The program of `embed-items.html`.

fn main() {
    heliograph_app::embed::items();
}
