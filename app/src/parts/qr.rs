//! A text, such as an address, as a QR code, drawn as one path.

use std::fmt::Write as _;

use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around it, without which cameras do not find it.
const QUIET: i32 = 4;

/// The path of the dark modules, and how many modules the picture is wide.
fn path(text: &str) -> Option<(String, i32)> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing to a string does not fail.
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    Some((path, code.size() + 2 * QUIET))
}

/// The code. Dark on light, whatever the theme: cameras expect it so.
#[component]
pub fn QrPicture(
    /// What it says.
    text: String,
    /// What it is, for who doesn't see it.
    label: &'static str,
) -> impl IntoView {
    path(&text).map(|(path, size)| {
        view! {
            <svg class="qr" viewBox=format!("0 0 {size} {size}") role="img" aria-label=label data-testid="qr" data-text=text
                shape-rendering="crispEdges">
                <rect width=size height=size fill="#fff" />
                <path d=path fill="#000" />
            </svg>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn an_address_has_a_code_with_its_three_corners() {
        let (path, size) = path("https://heliograph.example/quiz/play?code=K7Q2MX").unwrap();
        assert!((21 + 8..=45).contains(&size), "{size} modules");
        for corner in [(4, 4), (size - 5, 4), (4, size - 5)] {
            assert!(path.contains(&format!("M{} {}h1", corner.0, corner.1)), "{corner:?}");
        }
        assert!(!path.contains(&format!("M{} {}h1v1h-1zM", size - 1, size - 1)));
    }
}
