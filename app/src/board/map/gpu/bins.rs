//! What is shown as one: clusters as discs with a rim in the colour of the worst and its shape beside it, hexagons and
//! spots in the colours of a scale. One instanced call each.

mod shaders;

use web_sys::WebGl2RenderingContext as Gl;
use web_sys::{WebGlBuffer, WebGlProgram, WebGlUniformLocation};

use super::frame::Frame;
use super::objects::{Drawn, Instances, LayerError, program};
use super::upload::RECORD_BYTES;
use crate::board::map::scene::bins::grid::{Grid, Shape};

/// GPU objects for what is shown as one.
pub struct BinLayer {
    discs: WebGlProgram,
    hexes: WebGlProgram,
    spots: WebGlProgram,
    disc_uniforms: [Option<WebGlUniformLocation>; 10],
    hex_uniforms: [Option<WebGlUniformLocation>; 9],
    spot_uniforms: [Option<WebGlUniformLocation>; 9],
    instances: Instances,
    count: usize,
}

const DISC_UNIFORMS: [&str; 10] =
    ["u_matrix", "u_origin", "u_now", "u_size", "u_pixel", "u_tints", "u_rim", "u_disc", "u_accent", "u_shadow"];

const HEX_UNIFORMS: [&str; 9] =
    ["u_matrix", "u_origin", "u_now", "u_size", "u_pixel", "u_corner", "u_steps", "u_rim", "u_accent"];

impl BinLayer {
    /// Compiles the programs and makes the buffer; `quad` has the corners of an instance.
    pub fn new(gl: &Gl, quad: &WebGlBuffer) -> Result<Self, LayerError> {
        let discs = program(gl, shaders::DISC_VERTEX, shaders::DISC_FRAGMENT)?;
        let hexes = program(gl, shaders::HEX_VERTEX, shaders::HEX_FRAGMENT)?;
        let spots = program(gl, shaders::SPOT_VERTEX, shaders::SPOT_FRAGMENT)?;
        Ok(Self {
            disc_uniforms: DISC_UNIFORMS.map(|name| gl.get_uniform_location(&discs, name)),
            hex_uniforms: HEX_UNIFORMS.map(|name| gl.get_uniform_location(&hexes, name)),
            spot_uniforms: HEX_UNIFORMS.map(|name| gl.get_uniform_location(&spots, name)),
            discs,
            hexes,
            spots,
            instances: Instances::new(gl, quad)?,
            count: 0,
        })
    }

    /// Holds these records and no others.
    pub fn take(&mut self, gl: &Gl, records: &[u8], drawn: &mut Drawn) {
        self.count = records.len() / RECORD_BYTES;
        self.instances.take(gl, records, drawn);
    }

    /// Draws them as what they are in this grid.
    pub fn draw(&self, gl: &Gl, frame: &Frame, grid: Grid) {
        if self.count == 0 {
            return;
        }
        let palette = frame.palette;
        let colour = |at: Option<&WebGlUniformLocation>, colour: &[f32]| gl.uniform4fv_with_f32_array(at, colour);
        match grid.shape {
            Shape::Squares => {
                gl.use_program(Some(&self.discs));
                frame.set_common(gl, &self.disc_uniforms);
                let [_, _, _, _, _, tints, rim, disc, accent, shadow] = &self.disc_uniforms;
                colour(tints.as_ref(), palette.tints.as_flattened());
                colour(rim.as_ref(), &palette.rim);
                colour(disc.as_ref(), &palette.disc);
                colour(accent.as_ref(), &palette.accent);
                colour(shadow.as_ref(), &palette.shadow);
            }
            Shape::Hexes => Self::use_steps(gl, frame, grid, &self.hexes, &self.hex_uniforms),
            Shape::Spots => Self::use_steps(gl, frame, grid, &self.spots, &self.spot_uniforms),
        }
        self.instances.draw(gl, 0, self.count);
    }

    /// Tells a program of hexagons or of spots what it wants to know.
    fn use_steps(
        gl: &Gl,
        frame: &Frame,
        grid: Grid,
        program: &WebGlProgram,
        uniforms: &[Option<WebGlUniformLocation>; 9],
    ) {
        gl.use_program(Some(program));
        frame.set_common(gl, uniforms);
        let [_, _, _, _, _, corner, steps, rim, accent] = uniforms;
        // From the middle to a corner, in worlds.
        gl.uniform1f(corner.as_ref(), (1.0 / grid.columns() / f64::sqrt(3.0)) as f32);
        gl.uniform4fv_with_f32_array(steps.as_ref(), frame.palette.steps.as_flattened());
        gl.uniform4fv_with_f32_array(rim.as_ref(), &frame.palette.rim);
        gl.uniform4fv_with_f32_array(accent.as_ref(), &frame.palette.accent);
    }
}
