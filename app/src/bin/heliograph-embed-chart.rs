//! The program of `embed-chart.html`.

fn main() {
    heliograph_app::embed::chart();
}
