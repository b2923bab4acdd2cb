//! The program of `embed-map.html`.

fn main() {
    heliograph_app::embed::map();
}
