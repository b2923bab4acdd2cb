//! What the layer has on the GPU: programs, and buffers of records that are drawn as instances of one quad.

use web_sys::WebGl2RenderingContext as Gl;
use web_sys::{WebGlBuffer, WebGlProgram, WebGlShader, WebGlVertexArrayObject};

use super::shaders::{self, attribute};
use super::upload::RECORD_BYTES;

const RECORD: i32 = RECORD_BYTES as i32;

/// What one frame cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Items in the picture, without the copies that mark two of them.
    pub items: usize,
    /// Whether they are dots.
    pub as_dots: bool,
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
pub struct Instances {
    vertex_array: WebGlVertexArrayObject,
    buffer: WebGlBuffer,
    capacity_bytes: usize,
}

impl Drawn {
    /// Sends records to a buffer.
    pub fn upload(&mut self, to: &Instances, gl: &Gl, offset: usize, bytes: &[u8]) {
        gl.bind_buffer(Gl::ARRAY_BUFFER, Some(&to.buffer));
        gl.buffer_sub_data_with_i32_and_u8_array(Gl::ARRAY_BUFFER, offset as i32, bytes);
        self.uploaded_bytes += bytes.len();
        self.uploads += 1;
    }
}

impl Instances {
    /// Makes an empty one; `quad` has the corners.
    pub fn new(gl: &Gl, quad: &WebGlBuffer) -> Result<Self, LayerError> {
        let vertex_array =
            gl.create_vertex_array().ok_or_else(|| LayerError(text!(board.map.no_vertex_array).to_owned()))?;
        let buffer = buffer(gl)?;
        gl.bind_vertex_array(Some(&vertex_array));
        gl.bind_buffer(Gl::ARRAY_BUFFER, Some(quad));
        gl.enable_vertex_attrib_array(attribute::CORNER);
        gl.vertex_attrib_pointer_with_i32(attribute::CORNER, 2, Gl::FLOAT, false, 0, 0);
        gl.bind_buffer(Gl::ARRAY_BUFFER, Some(&buffer));
        for at in [attribute::PATH, attribute::STATE] {
            gl.enable_vertex_attrib_array(at);
            gl.vertex_attrib_divisor(at, 1);
        }
        gl.bind_vertex_array(None);
        Ok(Self { vertex_array, buffer, capacity_bytes: 0 })
    }

    /// Makes room for `records`; true when the old contents are gone.
    pub fn reserve(&mut self, gl: &Gl, records: usize) -> bool {
        let bytes = records * RECORD_BYTES;
        if bytes <= self.capacity_bytes {
            return false;
        }
        gl.bind_buffer(Gl::ARRAY_BUFFER, Some(&self.buffer));
        gl.buffer_data_with_i32(Gl::ARRAY_BUFFER, bytes as i32, Gl::DYNAMIC_DRAW);
        self.capacity_bytes = bytes;
        true
    }

    /// Holds these records and no others.
    pub fn take(&mut self, gl: &Gl, records: &[u8], drawn: &mut Drawn) {
        if !records.is_empty() {
            self.reserve(gl, (records.len() / RECORD_BYTES).next_power_of_two());
            drawn.upload(self, gl, 0, records);
        }
    }

    /// Draws some of them.
    pub fn draw(&self, gl: &Gl, first: usize, count: usize) {
        gl.bind_vertex_array(Some(&self.vertex_array));
        gl.bind_buffer(Gl::ARRAY_BUFFER, Some(&self.buffer));
        let begin = first as i32 * RECORD;
        for (at, offset) in [(attribute::PATH, 0), (attribute::STATE, RECORD / 2)] {
            gl.vertex_attrib_i_pointer_with_i32(at, 4, Gl::INT, RECORD, begin + offset);
        }
        gl.draw_arrays_instanced(Gl::TRIANGLE_STRIP, 0, 4, count as i32);
    }
}

/// An empty buffer.
pub fn buffer(gl: &Gl) -> Result<WebGlBuffer, LayerError> {
    gl.create_buffer().ok_or_else(|| LayerError(text!(board.map.no_buffer).to_owned()))
}

/// A program; its vertex shader begins with what all have in common.
pub fn program(gl: &Gl, vertex: &str, fragment: &str) -> Result<WebGlProgram, LayerError> {
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
