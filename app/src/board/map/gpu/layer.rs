//! What we draw with WebGL2: all items in one call, all trails in one, the grid in one. It owns GPU objects and nothing
//! else; what to draw comes from the scene.

use web_sys::WebGl2RenderingContext as Gl;
use web_sys::{WebGlProgram, WebGlUniformLocation};

use super::bins::BinLayer;
use super::frame::Frame;
use super::graticule;
use super::objects::{Drawn, Instances, LayerError, buffer, program};
use super::shaders;
use super::upload::RECORD_BYTES;
use crate::board::map::scene::shown::{Detail, dot_radius, mark_radius};
use crate::board::map::scene::trail::{self, Segment};
use crate::board::map::scene::{Instances as Drawable, Scene};

/// GPU objects of the layer.
pub struct Layer {
    items: WebGlProgram,
    dots: WebGlProgram,
    lines: WebGlProgram,
    uniforms: Uniforms,
    marks: Instances,
    trail: Instances,
    own_line: Instances,
    own_segments: usize,
    path: Instances,
    path_segments: usize,
    grid: Instances,
    grid_drawn: Option<(graticule::Bounds, f64)>,
    grid_count: usize,
    bins: BinLayer,
}

struct Uniforms {
    items: [Option<WebGlUniformLocation>; 13],
    dots: [Option<WebGlUniformLocation>; 10],
    lines: [Option<WebGlUniformLocation>; 10],
}

const ITEM_UNIFORMS: [&str; 13] = [
    "u_matrix",
    "u_origin",
    "u_now",
    "u_size",
    "u_pixel",
    "u_step",
    "u_radius",
    "u_stale_before",
    "u_tints",
    "u_rim",
    "u_stale_colour",
    "u_accent",
    "u_shadow",
];

const DOT_UNIFORMS: [&str; 10] = [
    "u_matrix",
    "u_origin",
    "u_now",
    "u_size",
    "u_pixel",
    "u_radius",
    "u_stale_before",
    "u_tints",
    "u_rim",
    "u_stale_colour",
];

const LINE_UNIFORMS: [&str; 10] =
    ["u_matrix", "u_origin", "u_now", "u_size", "u_pixel", "u_width", "u_fade_ms", "u_tag", "u_line", "u_marked_line"];

impl Layer {
    /// Compiles the programs and makes the buffers.
    pub fn new(gl: &Gl) -> Result<Self, LayerError> {
        let items = program(gl, shaders::ITEM_VERTEX, shaders::ITEM_FRAGMENT)?;
        let dots = program(gl, shaders::DOT_VERTEX, shaders::DOT_FRAGMENT)?;
        let lines = program(gl, shaders::LINE_VERTEX, shaders::LINE_FRAGMENT)?;
        let uniforms = Uniforms {
            items: ITEM_UNIFORMS.map(|name| gl.get_uniform_location(&items, name)),
            dots: DOT_UNIFORMS.map(|name| gl.get_uniform_location(&dots, name)),
            lines: LINE_UNIFORMS.map(|name| gl.get_uniform_location(&lines, name)),
        };
        let quad = buffer(gl)?;
        gl.bind_buffer(Gl::ARRAY_BUFFER, Some(&quad));
        let corners: Vec<u8> =
            [-1.0_f32, -1.0, 1.0, -1.0, -1.0, 1.0, 1.0, 1.0].iter().flat_map(|number| number.to_le_bytes()).collect();
        gl.buffer_data_with_u8_array(Gl::ARRAY_BUFFER, &corners, Gl::STATIC_DRAW);
        Ok(Self {
            items,
            dots,
            lines,
            uniforms,
            marks: Instances::new(gl, &quad)?,
            trail: Instances::new(gl, &quad)?,
            own_line: Instances::new(gl, &quad)?,
            own_segments: 0,
            path: Instances::new(gl, &quad)?,
            path_segments: 0,
            grid: Instances::new(gl, &quad)?,
            grid_drawn: None,
            grid_count: 0,
            bins: BinLayer::new(gl, &quad)?,
        })
    }

    /// Sends what changed and draws everything.
    pub fn draw(&mut self, gl: &Gl, frame: &Frame, scene: &mut Scene) -> Drawn {
        let is_other = scene.settle(frame.camera, frame.now);
        let as_dots = scene.detail() == Detail::Dots;
        // Lines of thousands would cover the map and cost more than they tell: there only the selected one's is drawn.
        let segments = if scene.has_lines() { scene.trail.len() } else { 0 };
        let mut drawn = Drawn { items: scene.drawn(), as_dots, segments, ..Drawn::default() };
        gl.clear_color(0.0, 0.0, 0.0, 0.0);
        gl.clear(Gl::COLOR_BUFFER_BIT);
        gl.enable(Gl::BLEND);
        gl.blend_func(Gl::ONE, Gl::ONE_MINUS_SRC_ALPHA);

        // Two more for the copies that mark the hovered and the selected item.
        if self.marks.reserve(gl, (scene.drawn() + 2).next_power_of_two()) {
            scene.mark_all();
        }
        let marks = scene.drain_uploads(|offset, bytes| drawn.upload(&self.marks, gl, offset, bytes));
        if segments > 0 {
            if self.trail.reserve(gl, segments.next_power_of_two().min(trail::CAPACITY)) {
                scene.trail.mark_all();
            }
            scene.trail.drain_uploads(|offset, bytes| drawn.upload(&self.trail, gl, offset, bytes));
        }
        if let Some(records) = scene.path.take_upload() {
            self.path_segments = records.len() / RECORD_BYTES;
            self.path.take(gl, &records, &mut drawn);
        }
        if is_other {
            self.take_own_line(gl, scene.own_line(), &mut drawn);
        }
        self.update_grid(gl, frame, &mut drawn);
        if let Some(records) = scene.take_bins() {
            self.bins.take(gl, records, &mut drawn);
        }
        self.draw_lines(gl, frame, scene, segments);
        if let Some(grid) = scene.grid() {
            self.bins.draw(gl, frame, grid);
        }
        self.draw_items(gl, frame, marks, as_dots);
        gl.bind_vertex_array(None);
        drawn
    }

    fn take_own_line(&mut self, gl: &Gl, records: &[u8], drawn: &mut Drawn) {
        self.own_segments = records.len() / RECORD_BYTES;
        self.own_line.take(gl, records, drawn);
    }

    fn draw_lines(&self, gl: &Gl, frame: &Frame, scene: &Scene, segments: usize) {
        if self.grid_count + self.own_segments + self.path_segments + segments == 0 {
            return;
        }
        gl.use_program(Some(&self.lines));
        self.set_line_uniforms(gl, frame, scene);
        if self.grid_count > 0 {
            self.set_line_look(gl, 1.0, 0.0, &frame.palette.grid);
            self.grid.draw(gl, 0, self.grid_count);
        }
        if self.path_segments > 0 {
            self.set_line_look(gl, line_width(frame.camera.zoom) * 2.2, 0.0, &frame.palette.path);
            self.path.draw(gl, 0, self.path_segments);
        }
        self.set_line_look(gl, line_width(frame.camera.zoom), trail::TRAIL_MS as f32, &frame.palette.trail);
        if segments > 0 {
            self.trail.draw(gl, 0, segments);
        }
        if self.own_segments > 0 {
            self.own_line.draw(gl, 0, self.own_segments);
        }
    }

    fn draw_items(&self, gl: &Gl, frame: &Frame, Drawable { items, marks }: Drawable, as_dots: bool) {
        if as_dots && items > 0 {
            gl.use_program(Some(&self.dots));
            self.set_dot_uniforms(gl, frame);
            self.marks.draw(gl, 0, items);
        }
        let (first, count) = if as_dots { (items, marks) } else { (0, items + marks) };
        if count > 0 {
            gl.use_program(Some(&self.items));
            self.set_item_uniforms(gl, frame);
            self.marks.draw(gl, first, count);
        }
    }

    fn update_grid(&mut self, gl: &Gl, frame: &Frame, drawn: &mut Drawn) {
        let wanted = frame.grid.map(|bounds| (bounds, frame.camera.zoom));
        if wanted == self.grid_drawn {
            return;
        }
        self.grid_drawn = wanted;
        let Some((bounds, zoom)) = wanted else {
            self.grid_count = 0;
            return;
        };
        let mut bytes = Vec::new();
        for line in graticule::lines(&bounds, zoom) {
            for (from, to) in graticule::parts(line, &bounds) {
                bytes.extend_from_slice(&Segment { from, to, ..Segment::default() }.to_bytes());
            }
        }
        self.grid_count = bytes.len() / RECORD_BYTES;
        self.grid.take(gl, &bytes, drawn);
    }

    fn set_item_uniforms(&self, gl: &Gl, frame: &Frame) {
        frame.set_common(gl, &self.uniforms.items);
        let [_, _, _, _, _, step, radius, stale_before, tints, rim, stale, accent, shadow] = &self.uniforms.items;
        gl.uniform1f(step.as_ref(), (frame.camera.worlds_per_pixel() * 16.0) as f32);
        gl.uniform1f(radius.as_ref(), mark_radius(frame.camera.zoom) as f32);
        gl.uniform1i(stale_before.as_ref(), frame.stale_before);
        let palette = frame.palette;
        gl.uniform4fv_with_f32_array(tints.as_ref(), palette.tints.as_flattened());
        let colours = [(rim, palette.rim), (stale, palette.stale), (accent, palette.accent), (shadow, palette.shadow)];
        for (at, colour) in colours {
            gl.uniform4fv_with_f32_array(at.as_ref(), &colour);
        }
    }

    fn set_dot_uniforms(&self, gl: &Gl, frame: &Frame) {
        frame.set_common(gl, &self.uniforms.dots);
        let [_, _, _, _, _, radius, stale_before, tints, rim, stale] = &self.uniforms.dots;
        gl.uniform1f(radius.as_ref(), dot_radius(frame.camera.zoom) as f32);
        gl.uniform1i(stale_before.as_ref(), frame.stale_before);
        gl.uniform4fv_with_f32_array(tints.as_ref(), frame.palette.tints.as_flattened());
        for (at, colour) in [(rim, frame.palette.rim), (stale, frame.palette.stale)] {
            gl.uniform4fv_with_f32_array(at.as_ref(), &colour);
        }
    }

    fn set_line_uniforms(&self, gl: &Gl, frame: &Frame, scene: &Scene) {
        frame.set_common(gl, &self.uniforms.lines);
        let [_, _, _, _, _, _, _, tag, _, marked] = &self.uniforms.lines;
        gl.uniform1i(tag.as_ref(), scene.selected_tag().unwrap_or_default() as i32);
        let marked_colour = if scene.selected_tag().is_some() { frame.palette.accent } else { frame.palette.trail };
        gl.uniform4fv_with_f32_array(marked.as_ref(), &marked_colour);
    }

    fn set_line_look(&self, gl: &Gl, width: f32, fade_ms: f32, colour: &[f32; 4]) {
        let [_, _, _, _, _, at_width, at_fade, _, at_colour, _] = &self.uniforms.lines;
        gl.uniform1f(at_width.as_ref(), width);
        gl.uniform1f(at_fade.as_ref(), fade_ms);
        gl.uniform4fv_with_f32_array(at_colour.as_ref(), colour);
    }
}

fn line_width(zoom: f64) -> f32 {
    (1.1 + (zoom - 9.0).clamp(0.0, 8.0) * 0.1) as f32
}
