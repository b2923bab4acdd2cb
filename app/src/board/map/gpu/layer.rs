//! Our WebGL2 layer: all items in one call, all trails in one, the grid in one. It owns GPU objects and nothing else;
//! what to draw comes from the scene.

use web_sys::WebGl2RenderingContext as Gl;
use web_sys::{WebGlBuffer, WebGlProgram, WebGlShader, WebGlUniformLocation, WebGlVertexArrayObject};

use super::graticule;
use super::shaders::{self, attribute};
use super::style::Palette;
use super::upload::RECORD_BYTES;
use crate::board::map::scene::Scene;
use crate::board::map::scene::projector::Projector;
use crate::board::map::scene::trail::{self, Segment};

/// The layer's name in the map's style.
pub const ID: &str = "heliograph-items";

const RECORD: i32 = RECORD_BYTES as i32;

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

/// What one frame cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Items, without the copies that mark two of them.
    pub items: usize,
    /// Trail segments.
    pub segments: usize,
    /// Bytes sent to the GPU.
    pub uploaded_bytes: usize,
    /// How many uploads that took.
    pub uploads: usize,
}

/// Why the layer can't draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerError(pub String);

/// A buffer of 32-byte records that grows, drawn as instances of one quad.
struct Instances {
    vertex_array: WebGlVertexArrayObject,
    buffer: WebGlBuffer,
    capacity_bytes: usize,
}

/// GPU objects of the layer.
pub struct Layer {
    items: WebGlProgram,
    lines: WebGlProgram,
    uniforms: Uniforms,
    marks: Instances,
    trail: Instances,
    grid: Instances,
    grid_drawn: Option<(graticule::Bounds, f64)>,
    grid_count: usize,
}

struct Uniforms {
    items: [Option<WebGlUniformLocation>; 13],
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
    "u_item",
    "u_rim",
    "u_stale_colour",
    "u_accent",
    "u_shadow",
];

const LINE_UNIFORMS: [&str; 10] =
    ["u_matrix", "u_origin", "u_now", "u_size", "u_pixel", "u_width", "u_fade_ms", "u_tag", "u_line", "u_marked_line"];

impl Layer {
    /// Compiles the programs and makes the buffers.
    pub fn new(gl: &Gl) -> Result<Self, LayerError> {
        let items = program(gl, shaders::ITEM_VERTEX, shaders::ITEM_FRAGMENT)?;
        let lines = program(gl, shaders::LINE_VERTEX, shaders::LINE_FRAGMENT)?;
        let uniforms = Uniforms {
            items: ITEM_UNIFORMS.map(|name| gl.get_uniform_location(&items, name)),
            lines: LINE_UNIFORMS.map(|name| gl.get_uniform_location(&lines, name)),
        };
        let quad = buffer(gl)?;
        gl.bind_buffer(Gl::ARRAY_BUFFER, Some(&quad));
        let corners: Vec<u8> =
            [-1.0_f32, -1.0, 1.0, -1.0, -1.0, 1.0, 1.0, 1.0].iter().flat_map(|number| number.to_le_bytes()).collect();
        gl.buffer_data_with_u8_array(Gl::ARRAY_BUFFER, &corners, Gl::STATIC_DRAW);
        Ok(Self {
            items,
            lines,
            uniforms,
            marks: Instances::new(gl, &quad)?,
            trail: Instances::new(gl, &quad)?,
            grid: Instances::new(gl, &quad)?,
            grid_drawn: None,
            grid_count: 0,
        })
    }

    /// Sends what changed and draws everything.
    pub fn draw(&mut self, gl: &Gl, frame: &Frame, scene: &mut Scene) -> Drawn {
        let mut drawn = Drawn { items: scene.len(), segments: scene.trail.len(), ..Drawn::default() };
        gl.enable(Gl::BLEND);
        gl.blend_func(Gl::ONE, Gl::ONE_MINUS_SRC_ALPHA);
        gl.disable(Gl::DEPTH_TEST);
        gl.disable(Gl::STENCIL_TEST);
        gl.disable(Gl::CULL_FACE);

        let segments = drawn.segments;
        if self.trail.reserve(gl, segments.next_power_of_two().min(trail::CAPACITY)) {
            scene.trail.mark_all();
        }
        scene.trail.drain_uploads(|offset, bytes| drawn.upload(&self.trail, gl, offset, bytes));
        // Two more for the copies that mark the hovered and the selected item.
        if self.marks.reserve(gl, (scene.len() + 2).next_power_of_two()) {
            scene.mark_all();
        }
        let marks = scene.drain_uploads(|offset, bytes| drawn.upload(&self.marks, gl, offset, bytes));
        self.update_grid(gl, frame, &mut drawn);

        if self.grid_count + segments > 0 {
            gl.use_program(Some(&self.lines));
            self.set_line_uniforms(gl, frame, scene);
            if self.grid_count > 0 {
                self.set_line_look(gl, 1.0, 0.0, &frame.palette.grid);
                self.grid.draw(gl, self.grid_count);
            }
            if segments > 0 {
                self.set_line_look(gl, line_width(frame.camera.zoom), trail::TRAIL_MS as f32, &frame.palette.trail);
                self.trail.draw(gl, segments);
            }
        }
        if marks > 0 {
            gl.use_program(Some(&self.items));
            self.set_item_uniforms(gl, frame);
            self.marks.draw(gl, marks);
        }
        gl.bind_vertex_array(None);
        drawn
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
        self.grid.reserve(gl, self.grid_count.next_power_of_two());
        if !bytes.is_empty() {
            drawn.upload(&self.grid, gl, 0, &bytes);
        }
    }

    fn set_common(gl: &Gl, at: &[Option<WebGlUniformLocation>], frame: &Frame) {
        let [matrix, origin, now, size, pixel, ..] = at else { return };
        gl.uniform_matrix4fv_with_f32_array(matrix.as_ref(), false, &frame.camera.gpu_matrix());
        gl.uniform2i(origin.as_ref(), frame.camera.origin.x, frame.camera.origin.y);
        gl.uniform1i(now.as_ref(), frame.now);
        gl.uniform2f(size.as_ref(), frame.camera.size.0 as f32, frame.camera.size.1 as f32);
        gl.uniform1f(pixel.as_ref(), (1.0 / frame.pixel_ratio) as f32);
    }

    fn set_item_uniforms(&self, gl: &Gl, frame: &Frame) {
        Self::set_common(gl, &self.uniforms.items, frame);
        let [_, _, _, _, _, step, radius, stale_before, item, rim, stale, accent, shadow] = &self.uniforms.items;
        gl.uniform1f(step.as_ref(), (frame.camera.worlds_per_pixel() * 16.0) as f32);
        gl.uniform1f(radius.as_ref(), mark_radius(frame.camera.zoom));
        gl.uniform1i(stale_before.as_ref(), frame.stale_before);
        let palette = frame.palette;
        let colours = [
            (item, palette.item),
            (rim, palette.rim),
            (stale, palette.stale),
            (accent, palette.accent),
            (shadow, palette.shadow),
        ];
        for (at, colour) in colours {
            gl.uniform4fv_with_f32_array(at.as_ref(), &colour);
        }
    }

    fn set_line_uniforms(&self, gl: &Gl, frame: &Frame, scene: &Scene) {
        Self::set_common(gl, &self.uniforms.lines, frame);
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

impl Drawn {
    fn upload(&mut self, to: &Instances, gl: &Gl, offset: usize, bytes: &[u8]) {
        gl.bind_buffer(Gl::ARRAY_BUFFER, Some(&to.buffer));
        gl.buffer_sub_data_with_i32_and_u8_array(Gl::ARRAY_BUFFER, offset as i32, bytes);
        self.uploaded_bytes += bytes.len();
        self.uploads += 1;
    }
}

impl Instances {
    fn new(gl: &Gl, quad: &WebGlBuffer) -> Result<Self, LayerError> {
        let vertex_array =
            gl.create_vertex_array().ok_or_else(|| LayerError(text!(board.map.no_vertex_array).to_owned()))?;
        let buffer = buffer(gl)?;
        gl.bind_vertex_array(Some(&vertex_array));
        gl.bind_buffer(Gl::ARRAY_BUFFER, Some(quad));
        gl.enable_vertex_attrib_array(attribute::CORNER);
        gl.vertex_attrib_pointer_with_i32(attribute::CORNER, 2, Gl::FLOAT, false, 0, 0);
        gl.bind_buffer(Gl::ARRAY_BUFFER, Some(&buffer));
        for (at, offset) in [(attribute::PATH, 0), (attribute::STATE, RECORD / 2)] {
            gl.enable_vertex_attrib_array(at);
            gl.vertex_attrib_i_pointer_with_i32(at, 4, Gl::INT, RECORD, offset);
            gl.vertex_attrib_divisor(at, 1);
        }
        gl.bind_vertex_array(None);
        Ok(Self { vertex_array, buffer, capacity_bytes: 0 })
    }

    /// Makes room for `records`; true when the old contents are gone.
    fn reserve(&mut self, gl: &Gl, records: usize) -> bool {
        let bytes = records * RECORD_BYTES;
        if bytes <= self.capacity_bytes {
            return false;
        }
        gl.bind_buffer(Gl::ARRAY_BUFFER, Some(&self.buffer));
        gl.buffer_data_with_i32(Gl::ARRAY_BUFFER, bytes as i32, Gl::DYNAMIC_DRAW);
        self.capacity_bytes = bytes;
        true
    }

    fn draw(&self, gl: &Gl, count: usize) {
        gl.bind_vertex_array(Some(&self.vertex_array));
        gl.draw_arrays_instanced(Gl::TRIANGLE_STRIP, 0, 4, count as i32);
    }
}

/// A mark's radius in CSS pixels: small from far away, where many lie together.
pub fn mark_radius(zoom: f64) -> f32 {
    (3.0 + (zoom - 6.0).clamp(0.0, 9.0) * 0.42) as f32
}

fn line_width(zoom: f64) -> f32 {
    (1.1 + (zoom - 9.0).clamp(0.0, 8.0) * 0.1) as f32
}

fn buffer(gl: &Gl) -> Result<WebGlBuffer, LayerError> {
    gl.create_buffer().ok_or_else(|| LayerError(text!(board.map.no_buffer).to_owned()))
}

fn program(gl: &Gl, vertex: &str, fragment: &str) -> Result<WebGlProgram, LayerError> {
    let vertex = shader(gl, Gl::VERTEX_SHADER, &format!("{}{vertex}", shaders::COMMON))?;
    let fragment = shader(gl, Gl::FRAGMENT_SHADER, fragment)?;
    let program = gl.create_program().ok_or_else(|| LayerError(text!(board.map.no_program).to_owned()))?;
    gl.attach_shader(&program, &vertex);
    gl.attach_shader(&program, &fragment);
    gl.link_program(&program);
    if gl.get_program_parameter(&program, Gl::LINK_STATUS).as_bool() == Some(true) {
        return Ok(program);
    }
    Err(LayerError(gl.get_program_info_log(&program).unwrap_or_default()))
}

fn shader(gl: &Gl, kind: u32, source: &str) -> Result<WebGlShader, LayerError> {
    let shader = gl.create_shader(kind).ok_or_else(|| LayerError(text!(board.map.no_shader).to_owned()))?;
    gl.shader_source(&shader, source);
    gl.compile_shader(&shader);
    if gl.get_shader_parameter(&shader, Gl::COMPILE_STATUS).as_bool() == Some(true) {
        return Ok(shader);
    }
    Err(LayerError(gl.get_shader_info_log(&shader).unwrap_or_default()))
}
