//! The three programs of our layer. Positions come as integers (see `mercator`), so that the subtraction of the camera's
//! origin is exact; time is an integer too, and one uniform moves everything.

/// Where the attributes of both programs are.
pub mod attribute {
    /// A corner of the unit quad.
    pub const CORNER: u32 = 0;
    /// From and to, in fixed-point Mercator.
    pub const PATH: u32 = 1;
    /// The other four words of a record.
    pub const STATE: u32 = 2;
}

/// Both vertex shaders begin with this.
pub const COMMON: &str = r"#version 300 es
precision highp float;
precision highp int;
layout(location = 0) in vec2 a_corner;
layout(location = 1) in ivec4 a_path;
layout(location = 2) in ivec4 a_state;
uniform mat4 u_matrix;
uniform ivec2 u_origin;
uniform int u_now;
uniform vec2 u_size;

const vec2 WORLD = vec2(1.0 / 4294967296.0, 1.0 / 2147483648.0);

vec2 from_origin(ivec2 place) { return vec2(place - u_origin) * WORLD; }
float done(int start, float glide) {
  return glide <= 0.0 ? 1.0 : clamp(float(u_now - start) / glide, 0.0, 1.0);
}
";

/// Marks: one instance per item.
pub const ITEM_VERTEX: &str = r"
uniform float u_step;
uniform float u_radius;
uniform int u_stale_before;
out vec2 v_at;
flat out vec4 v_drop;
flat out float v_radius;
flat out int v_flags;
flat out int v_stale;

const float TURN_MS = 400.0;
// The rim and the shadow around it.
const float AROUND = 4.0;

void main() {
  float glide = float(a_state.y & 0xffff);
  v_flags = (a_state.y >> 16) & 0xffff;
  v_stale = a_state.w < u_stale_before ? 1 : 0;
  vec2 from = from_origin(a_path.xy);
  vec2 place = from + vec2(a_path.zw - a_path.xy) * WORLD * done(a_state.x, glide);
  vec4 at = u_matrix * vec4(place, 0.0, 1.0);

  int coded_from = a_state.z & 0xffff;
  int coded_to = (a_state.z >> 16) & 0xffff;
  vec2 forward = vec2(0.0, 1.0);
  float nose = 0.0;
  if (coded_to != 0xffff) {
    float last = radians(float(coded_to) * 0.01);
    float first = coded_from == 0xffff ? last : radians(float(coded_from) * 0.01);
    float turn = mod(last - first + 3.14159265, 6.2831853) - 3.14159265;
    float heading = first + turn * done(a_state.x, min(glide, TURN_MS));
    vec4 ahead = u_matrix * vec4(place + vec2(sin(heading), -cos(heading)) * u_step, 0.0, 1.0);
    vec2 way = (ahead.xy / ahead.w - at.xy / at.w) * u_size;
    if (dot(way, way) > 0.0) forward = normalize(way);
    nose = 1.0;
  }

  bool dimmed = (v_flags & 1) != 0;
  bool marked = (v_flags & 6) != 0;
  float radius = u_radius * (dimmed ? 0.62 : marked ? 1.28 : 1.0);
  int shape = (v_flags >> 6) & 3;
  // Of other shapes only the nose is seen; a triangle is one.
  float disc = shape == 0 ? radius : radius * 0.7;
  nose *= shape == 3 ? 0.0 : radius * 1.95;
  float side = nose > disc ? disc / nose : 0.0;
  v_drop = vec4(disc, nose, side, sqrt(1.0 - side * side));
  v_radius = radius;
  // No more pixels than the mark has: behind it the disc, ahead of it the nose.
  float body = shape == 0 ? radius : radius * 1.45;
  float reach = marked ? radius * 3.4 + AROUND : body + AROUND;
  float ahead = marked ? reach : max(nose, body) + AROUND;
  v_at = vec2(a_corner.x * reach, a_corner.y > 0.0 ? ahead : -reach);
  vec2 right = vec2(forward.y, -forward.x);
  vec2 offset = right * v_at.x + forward * v_at.y;
  gl_Position = at + vec4(offset * 2.0 / u_size * at.w, 0.0, 0.0);
  if (at.w <= 0.0) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
}
";

/// Marks: a drop with its nose forward, or a dot when the heading is unknown; or another shape, with the nose or pointing ahead;
/// hollow when stale.
pub const ITEM_FRAGMENT: &str = r"#version 300 es
precision highp float;
precision highp int;
uniform float u_pixel;
// One for each colour that a rule may name.
uniform vec4 u_tints[7];
uniform vec4 u_rim;
uniform vec4 u_stale_colour;
uniform vec4 u_accent;
uniform vec4 u_shadow;
in vec2 v_at;
// The disc's radius, how far ahead the nose is, and the tangents' sine and cosine.
flat in vec4 v_drop;
flat in float v_radius;
flat in int v_flags;
flat in int v_stale;
out vec4 colour;

// Distance to a disc whose tangents meet in a point ahead of it.
float drop(vec2 at) {
  float radius = v_drop.x;
  float nose = v_drop.y;
  float s = v_drop.z;
  float c = v_drop.w;
  float disc = length(at) - radius;
  if (s == 0.0) return disc;
  vec2 p = vec2(abs(at.x), at.y);
  float along = p.y * c - p.x * s;
  if (along < 0.0) return disc;
  if (along > nose * c) return length(p - vec2(0.0, nose));
  return p.x * c + p.y * s - radius;
}

// Distance to the mark. Polygons are where all their sides are.
float mark(vec2 at) {
  int shape = (v_flags >> 6) & 3;
  if (shape == 3) {
    float sides = dot(vec2(abs(at.x), at.y), vec2(0.8660254, 0.5));
    return max(sides, -at.y) - 0.7 * v_radius;
  }
  if (shape == 0) return drop(at);
  float square = max(abs(at.x), abs(at.y)) - 0.88 * v_radius;
  float diamond = (abs(at.x) + abs(at.y)) * 0.70710678 - 0.94 * v_radius;
  return min(drop(at), shape == 1 ? square : diamond);
}

vec4 over(vec4 above, vec4 below) { return above + below * (1.0 - above.a); }
vec4 ink(vec4 tint, float cover) { return vec4(tint.rgb, 1.0) * tint.a * cover; }

void main() {
  bool dimmed = (v_flags & 1) != 0;
  bool selected = (v_flags & 2) != 0;
  bool hovered = (v_flags & 4) != 0;
  bool stale = v_stale == 1;
  float far = mark(v_at);
  float soft = 0.6 * u_pixel;
  int hue = (v_flags >> 3) & 7;
  vec4 own = u_tints[hue];
  vec4 tint = stale ? u_stale_colour : own;
  // The ring alone says that it is selected where its colour says something else.
  if (selected && (v_flags >> 3) == 0) tint = u_accent;

  vec4 result = vec4(0.0);
  if (!dimmed) {
    float shade = 1.0 - smoothstep(0.0, 3.6, far - 1.0);
    result = ink(u_shadow, shade * shade);
  }
  if (selected || hovered) {
    float out_of_ring = length(v_at) - v_radius * 2.5;
    vec4 halo = selected ? u_accent : own;
    float inside = 1.0 - smoothstep(-soft, soft, out_of_ring);
    result = over(ink(vec4(halo.rgb, 0.16), inside), result);
    result = over(ink(halo, 1.0 - smoothstep(0.9 - soft, 0.9 + soft, abs(out_of_ring))), result);
  }
  float rim = 1.6;
  result = over(ink(u_rim, 1.0 - smoothstep(rim - soft, rim + soft, far)), result);
  float body = 1.0 - smoothstep(-soft, soft, far);
  result = over(ink(tint, body), result);
  if (stale) result = over(ink(u_rim, 1.0 - smoothstep(-soft, soft, far + 2.0)), result);
  if (stale && !selected) result *= 0.72;
  if (dimmed) result *= 0.3;
  colour = result;
}
";

/// Dots: one instance per item, where many are in view.
pub const DOT_VERTEX: &str = r"
uniform float u_radius;
uniform int u_stale_before;
uniform vec4 u_tints[7];
uniform vec4 u_stale_colour;
out vec2 v_at;
flat out vec4 v_tint;
flat out float v_hollow;

void main() {
  float glide = float(a_state.y & 0xffff);
  int flags = (a_state.y >> 16) & 0xffff;
  bool dimmed = (flags & 1) != 0;
  bool stale = a_state.w < u_stale_before;
  vec2 place = from_origin(a_path.xy) + vec2(a_path.zw - a_path.xy) * WORLD * done(a_state.x, glide);
  vec4 at = u_matrix * vec4(place, 0.0, 1.0);
  v_tint = (stale ? u_stale_colour : u_tints[(flags >> 3) & 7]) * (dimmed ? 0.3 : stale ? 0.72 : 1.0);
  v_hollow = stale ? 1.0 : 0.0;
  v_at = a_corner * (u_radius + 1.0);
  gl_Position = at + vec4(v_at * 2.0 / u_size * at.w, 0.0, 0.0);
  if (at.w <= 0.0) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
}
";

/// Dots: a disc with a thin rim; hollow when stale.
pub const DOT_FRAGMENT: &str = r"#version 300 es
precision highp float;
uniform float u_pixel;
uniform float u_radius;
uniform vec4 u_rim;
in vec2 v_at;
flat in vec4 v_tint;
flat in float v_hollow;
out vec4 colour;
void main() {
  float far = length(v_at) - u_radius;
  float cover = clamp(0.5 - far / (1.2 * u_pixel), 0.0, 1.0);
  float body = clamp(0.5 - (far + 0.9) / (1.2 * u_pixel), 0.0, 1.0);
  body -= v_hollow * clamp(0.5 - (far + 2.1) / (1.2 * u_pixel), 0.0, 1.0);
  vec4 rim = vec4(u_rim.rgb, 1.0) * v_tint.a;
  colour = mix(rim, v_tint, body) * cover;
}
";

/// Lines: one instance per segment, for the trails and for the grid.
pub const LINE_VERTEX: &str = r"
uniform float u_width;
uniform float u_fade_ms;
uniform int u_tag;
uniform vec4 u_line;
uniform vec4 u_marked_line;
out float v_across;
flat out float v_half;
out vec4 v_ink;

void main() {
  float glide = float(a_state.y);
  vec2 first = from_origin(a_path.xy);
  vec2 second = first + vec2(a_path.zw - a_path.xy) * WORLD * done(a_state.x, glide);
  vec4 a = u_matrix * vec4(first, 0.0, 1.0);
  vec4 b = u_matrix * vec4(second, 0.0, 1.0);
  bool marked = u_fade_ms > 0.0 && a_state.w == u_tag;
  float width = marked ? u_width * 1.8 : u_width;
  float fade = 1.0;
  if (u_fade_ms > 0.0) {
    int at = a_corner.y < 0.0 ? a_state.z : a_state.x + a_state.y;
    fade = clamp(1.0 - float(u_now - at) / u_fade_ms, 0.0, 1.0);
    fade *= sqrt(fade);
  }
  vec2 way = (b.xy / b.w - a.xy / a.w) * u_size;
  float length_px = length(way);
  if (a.w <= 0.0 || b.w <= 0.0 || length_px == 0.0) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  way /= length_px;
  v_half = width * 0.5;
  float reach = v_half + 1.0;
  v_across = a_corner.x * reach;
  vec4 at = a_corner.y < 0.0 ? a : b;
  gl_Position = at + vec4(vec2(way.y, -way.x) * v_across * 2.0 / u_size * at.w, 0.0, 0.0);
  vec4 tint = marked ? u_marked_line : u_line;
  v_ink = vec4(tint.rgb, 1.0) * tint.a * fade;
}
";

/// Lines: a soft edge.
pub const LINE_FRAGMENT: &str = r"#version 300 es
precision highp float;
uniform float u_pixel;
in float v_across;
flat in float v_half;
in vec4 v_ink;
out vec4 colour;
void main() {
  colour = v_ink * (1.0 - smoothstep(v_half - 0.6 * u_pixel, v_half + 0.6 * u_pixel, abs(v_across)));
}
";
