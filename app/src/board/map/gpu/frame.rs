//! What the camera and the clock say about one frame, and how programs are told.

use web_sys::WebGl2RenderingContext as Gl;
use web_sys::WebGlUniformLocation;

use super::graticule;
use super::style::Palette;
use crate::board::map::scene::projector::Projector;

/// What the camera and the clock say about one frame.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The camera.
    pub camera: &'a Projector,
    /// The scene's clock.
    pub now: i32,
    /// Items last heard of before this look stale, on the scene's clock.
    pub stale_before: i32,
    /// Device pixels in a CSS pixel.
    pub pixel_ratio: f64,
    /// Colours.
    pub palette: &'a Palette,
    /// What the grid covers; no grid when absent.
    pub grid: Option<graticule::Bounds>,
}

impl Frame<'_> {
    /// Tells a program what all want to know: the first five of its names are the matrix, the origin, now, the size and a pixel.
    pub fn set_common(&self, gl: &Gl, at: &[Option<WebGlUniformLocation>]) {
        let [matrix, origin, now, size, pixel, ..] = at else { return };
        gl.uniform_matrix4fv_with_f32_array(matrix.as_ref(), false, &self.camera.gpu_matrix());
        gl.uniform2i(origin.as_ref(), self.camera.origin.x, self.camera.origin.y);
        gl.uniform1i(now.as_ref(), self.now);
        gl.uniform2f(size.as_ref(), self.camera.size.0 as f32, self.camera.size.1 as f32);
        gl.uniform1f(pixel.as_ref(), (1.0 / self.pixel_ratio) as f32);
    }
}
