//! The programs for what is shown as one; each begins with what all have in common.

/// Clusters: one instance each. The third word has the radius, the fourth the step.
pub const DISC_VERTEX: &str = r"
out vec2 v_at;
flat out float v_radius;
flat out int v_flags;

// What is beside the disc, and the shadow around it.
const float AROUND = 9.0;

void main() {
  v_flags = (a_state.y >> 16) & 0xffff;
  v_radius = float(a_state.z & 0xffff) * 0.01;
  vec2 place = from_origin(a_path.xy);
  place += vec2(a_path.zw - a_path.xy) * WORLD * done(a_state.x, float(a_state.y & 0xffff));
  vec4 at = u_matrix * vec4(place, 0.0, 1.0);
  v_at = a_corner * (v_radius + AROUND);
  gl_Position = at + vec4(v_at * 2.0 / u_size * at.w, 0.0, 0.0);
  if (at.w <= 0.0) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
}
";

/// Clusters: a disc for the number, a rim in the colour of the worst member, and that one's shape at the upper right.
pub const DISC_FRAGMENT: &str = r"#version 300 es
precision highp float;
precision highp int;
uniform float u_pixel;
uniform vec4 u_tints[7];
uniform vec4 u_rim;
uniform vec4 u_disc;
uniform vec4 u_accent;
uniform vec4 u_shadow;
in vec2 v_at;
flat in float v_radius;
flat in int v_flags;
out vec4 colour;

// Distance to the sign of the worst. Polygons are where all their sides are.
float sign_of(vec2 at, int shape) {
  if (shape == 1) return max(abs(at.x), abs(at.y)) - 5.2;
  if (shape == 2) return (abs(at.x) + abs(at.y)) * 0.70710678 - 5.0;
  if (shape == 3) return max(dot(vec2(abs(at.x), at.y), vec2(0.8660254, 0.5)), -at.y) - 4.4;
  return length(at) - 5.6;
}

vec4 over(vec4 above, vec4 below) { return above + below * (1.0 - above.a); }
vec4 ink(vec4 tint, float cover) { return vec4(tint.rgb, 1.0) * tint.a * cover; }

void main() {
  float soft = 0.6 * u_pixel;
  int hue = (v_flags >> 3) & 7;
  vec4 tint = u_tints[hue];
  float far = length(v_at) - v_radius;
  float shade = 1.0 - smoothstep(0.0, 4.0, far);
  vec4 result = ink(u_shadow, shade * shade);
  if ((v_flags & 2) != 0) result = over(ink(u_accent, 1.0 - smoothstep(1.4 - soft, 1.4 + soft, abs(far - 4.0))), result);
  result = over(ink(u_rim, 1.0 - smoothstep(1.4 - soft, 1.4 + soft, far)), result);
  result = over(ink(tint, 1.0 - smoothstep(-soft, soft, far)), result);
  result = over(ink(u_disc, 1.0 - smoothstep(-soft, soft, far + 3.0)), result);
  if ((v_flags & 1) != 0) {
    float worst = sign_of(v_at - vec2(0.72 * v_radius), (v_flags >> 6) & 3);
    result = over(ink(u_rim, 1.0 - smoothstep(1.6 - soft, 1.6 + soft, worst)), result);
    result = over(ink(tint, 1.0 - smoothstep(-soft, soft, worst)), result);
  }
  colour = result;
}
";

/// Hexagons lie on the map, a corner to the north.
pub const HEX_VERTEX: &str = r"
uniform float u_corner;
out vec2 v_at;
flat out int v_step;
flat out int v_flags;

void main() {
  v_flags = (a_state.y >> 16) & 0xffff;
  v_step = clamp(a_state.w, 0, 4);
  v_at = a_corner * 1.05;
  gl_Position = u_matrix * vec4(from_origin(a_path.zw) + v_at * u_corner, 0.0, 1.0);
}
";

/// Hexagons: the more items, the farther from the ground's colour, and the larger.
pub const HEX_FRAGMENT: &str = r"#version 300 es
precision highp float;
precision highp int;
uniform vec4 u_steps[5];
uniform vec4 u_rim;
uniform vec4 u_accent;
in vec2 v_at;
flat in int v_step;
flat in int v_flags;
out vec4 colour;

void main() {
  vec2 at = abs(v_at);
  float side = max(at.x, dot(at, vec2(0.5, 0.8660254)));
  float edge = 0.8660254 * (0.6 + 0.09 * float(v_step));
  float soft = max(fwidth(side), 0.0001);
  float body = clamp(0.5 - (side - edge) / soft, 0.0, 1.0);
  vec4 tint = u_steps[v_step];
  if ((v_flags & 2) != 0) {
    float ring = clamp(0.5 - (side - edge + 3.0 * soft) / soft, 0.0, 1.0);
    tint = mix(u_accent, tint, ring);
  }
  float rim = clamp(0.5 - (side - edge - soft) / soft, 0.0, 1.0);
  colour = vec4(mix(u_rim.rgb, tint.rgb, body), 1.0) * rim;
}
";

/// Spots lie on the map, and reach over those beside them.
pub const SPOT_VERTEX: &str = r"
uniform float u_corner;
out vec2 v_at;
flat out int v_step;
flat out int v_flags;

// How far the hottest reach, in widths from the middle to a corner.
const float FAR = 2.6;

void main() {
  v_flags = (a_state.y >> 16) & 0xffff;
  v_step = clamp(a_state.w, 0, 4);
  v_at = a_corner * FAR;
  gl_Position = u_matrix * vec4(from_origin(a_path.zw) + v_at * u_corner, 0.0, 1.0);
}
";

/// Spots: the more items, the farther from the ground's colour, and the larger; they fade out.
pub const SPOT_FRAGMENT: &str = r"#version 300 es
precision highp float;
precision highp int;
uniform vec4 u_steps[5];
uniform vec4 u_accent;
in vec2 v_at;
flat in int v_step;
flat in int v_flags;
out vec4 colour;

void main() {
  float far = length(v_at);
  float reach = 2.1 + 0.12 * float(v_step);
  float cover = 1.0 - smoothstep(0.25 * reach, reach, far);
  colour = vec4(u_steps[v_step].rgb, 1.0) * cover;
  if ((v_flags & 2) != 0) {
    float soft = max(fwidth(far), 0.0001);
    float ring = clamp(1.6 - abs(far - 1.0) / soft, 0.0, 1.0);
    colour = mix(colour, vec4(u_accent.rgb, 1.0), ring);
  }
}
";
