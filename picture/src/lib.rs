//! Makes a PNG of a picture that is written as SVG (`shared/src/preview.rs`), by resvg.
//!
//! It is in the second worker script, beside jq: with its font it has as many bytes as a third of the first one. It opens no
//! files, and no addresses in what it is sent.

#[cfg(target_arch = "wasm32")]
mod exports;

use resvg::{tiny_skia, usvg};
use std::sync::Arc;

/// Bytes of SVG that are taken.
pub const SVG_BYTES: usize = 256 * 1024;
/// Pixels in a picture at most.
pub const PIXELS: u32 = 1200 * 630;

/// What pictures are written in.
pub struct Painter {
    options: usvg::Options<'static>,
}

impl Default for Painter {
    fn default() -> Self {
        let mut fonts = usvg::fontdb::Database::new();
        fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
        let mut options = usvg::Options { fontdb: Arc::new(fonts), ..usvg::Options::default() };
        // Nothing outside of the picture is part of it.
        options.image_href_resolver.resolve_string = Box::new(|_, _| None);
        options.image_href_resolver.resolve_data = Box::new(|_, _, _| None);
        Self { options }
    }
}

impl Painter {
    /// The picture as PNG.
    ///
    /// # Errors
    /// What is wrong with it, for a log.
    pub fn png(&self, svg: &[u8]) -> Result<Vec<u8>, String> {
        if svg.len() > SVG_BYTES {
            return Err(format!("the picture has {} bytes of SVG; at most {SVG_BYTES} are drawn", svg.len()));
        }
        let tree = usvg::Tree::from_data(svg, &self.options).map_err(|e| e.to_string())?;
        let size = tree.size().to_int_size();
        if size.width().saturating_mul(size.height()) > PIXELS {
            return Err(format!("{} by {} pixels are too many", size.width(), size.height()));
        }
        let mut canvas = tiny_skia::Pixmap::new(size.width(), size.height()).ok_or("no pixels")?;
        resvg::render(&tree, tiny_skia::Transform::identity(), &mut canvas.as_mut());
        canvas.encode_png().map_err(|e| e.to_string())
    }
}
