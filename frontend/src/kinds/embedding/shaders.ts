/** The shaders: the projection of `lens.ts`, and shapes with exact edges. */

/** A coordinate as large stands for a point that is not in the frame. */
export const ABSENT = 1e30;

const PROJECTION = `#version 300 es
precision highp float;
precision highp int;
uniform vec2 u_size;      // of the picture, in pixels
uniform float u_margin;   // pixels around it, in which middles of points may lie
uniform float u_scale;
uniform vec2 u_pan;
uniform vec3 u_centre;
uniform float u_gain;
uniform bool u_solid;
uniform vec4 u_turn;
uniform float u_phase;
uniform float u_fade;

bool present(vec3 point) { return abs(point.x) < 1e29; }

// In pixels from the picture's lower left corner, and how much larger than at the middle.
vec3 seen(vec3 point) {
  vec3 q = (point - u_centre) * u_gain;
  float size = 1.0;
  if (u_solid) {
    float across = q.x * u_turn.x + q.z * u_turn.y;
    float along = -q.x * u_turn.y + q.z * u_turn.x;
    float up = q.y * u_turn.z - along * u_turn.w;
    float away = 4.0 - (q.y * u_turn.w + along * u_turn.z);
    size = away < 0.1 ? 0.0 : 4.0 / away;
    q = vec3(across * size, up * size, 0.0);
  }
  return vec3(u_size * 0.5 + (q.xy - u_pan) * u_scale, size);
}

vec4 clip(vec2 pixel) {
  return vec4((pixel + u_margin) / (u_size + 2.0 * u_margin) * 2.0 - 1.0, 0.0, 1.0);
}

const vec4 NOWHERE = vec4(2.0, 2.0, 2.0, 1.0);
`;

// What places a point, with its colour and fade; returns false where there is none.
const MIDDLE = `
layout(location = 0) in vec3 a_from;
layout(location = 1) in vec3 a_to;
layout(location = 2) in vec4 a_color;
flat out vec4 v_color;

bool middle(out vec3 at) {
  gl_Position = NOWHERE;
  gl_PointSize = 1.0;
  bool here = present(a_from);
  bool there = present(a_to);
  if (a_color.a == 0.0 || !(here || there)) return false;
  vec3 point = here ? (there ? mix(a_from, a_to, u_phase) : a_from) : a_to;
  v_color = vec4(a_color.rgb, u_fade * (here ? (there ? 1.0 : 1.0 - u_phase) : u_phase));
  at = seen(point);
  return at.z > 0.0;
}
`;

export const DOT_VERTEX = `${PROJECTION}${MIDDLE}
uniform float u_radius;
uniform float u_alpha;
uniform bool u_pictured;  // points with a thumbnail are not drawn
layout(location = 3) in uint a_cell;
uniform uint u_cells;
flat out vec3 v_disc;     // its middle, and where its edge ends

void main() {
  vec3 at;
  if ((u_pictured && a_cell < u_cells) || !middle(at)) return;
  v_disc = vec3(at.xy, u_radius * at.z + 0.5);
  v_color.a *= u_alpha;
  gl_Position = clip(at.xy);
  gl_PointSize = 2.0 * v_disc.z;
}`;

export const DOT_FRAGMENT = `#version 300 es
precision highp float;
flat in vec3 v_disc;
flat in vec4 v_color;
out vec4 o_color;

void main() {
  float cover = clamp(v_disc.z - distance(gl_FragCoord.xy, v_disc.xy), 0.0, 1.0);
  o_color = vec4(v_color.rgb, v_color.a * cover);
}`;

export const THUMBNAIL_VERTEX = `${PROJECTION}${MIDDLE}
layout(location = 3) in uint a_cell;
uniform vec3 u_side;      // of a thumbnail: usual, least, most, in pixels
uniform uint u_cells;     // thumbnails in the sprite
uniform vec2 u_cell;      // pixels of one
flat out vec2 v_middle;
flat out vec2 v_side;
flat out uint v_cell;

void main() {
  vec3 at;
  if (a_cell >= u_cells || !middle(at)) {
    gl_Position = NOWHERE;
    return;
  }
  // On whole pixels, so that its own ones stay as even as can be.
  float side = floor(clamp(u_side.x * at.z, u_side.y, u_side.z) + 0.5);
  v_side = max(floor(side * u_cell / max(u_cell.x, u_cell.y) + 0.5), 1.0);
  vec2 corner = floor(vec2(at.x, u_size.y - at.y) - 0.5 * v_side + 0.5);
  v_middle = vec2(corner.x, u_size.y - corner.y) + vec2(0.5, -0.5) * v_side;
  v_cell = a_cell;
  gl_Position = clip(v_middle);
  gl_PointSize = side + 2.0;
}`;

export const THUMBNAIL_FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
uniform sampler2D u_sprite;
uniform uint u_columns;   // thumbnails beside each other
uniform vec2 u_cell;
flat in vec2 v_middle;
flat in vec2 v_side;
flat in uint v_cell;
flat in vec4 v_color;
out vec4 o_color;

void main() {
  vec2 at = (gl_FragCoord.xy - v_middle) / v_side + 0.5;
  if (any(lessThan(at, vec2(0.0))) || any(greaterThanEqual(at, vec2(1.0)))) discard;
  vec2 corner = vec2(v_cell % u_columns, v_cell / u_columns) * u_cell;
  // Half a pixel away from its neighbours, which must not shine through.
  vec2 inside = clamp(vec2(at.x, 1.0 - at.y) * u_cell, vec2(0.5), u_cell - 0.5);
  // Enlarged, its own pixels have hard edges.
  if (all(greaterThanEqual(v_side, u_cell))) inside = floor(inside) + 0.5;
  vec4 texel = texture(u_sprite, (corner + inside) / vec2(textureSize(u_sprite, 0)));
  o_color = vec4(texel.rgb, texel.a * v_color.a);
}`;

export const LINE_VERTEX = `${PROJECTION}
layout(location = 0) in vec3 a_from;
layout(location = 1) in vec3 a_to;
layout(location = 2) in vec4 a_color;
layout(location = 3) in vec3 a_start;
uniform float u_width;
flat out vec2 v_start;
flat out vec2 v_along;
flat out float v_length;
flat out vec4 v_color;

void main() {
  bool here = present(a_from);
  bool there = present(a_to);
  gl_Position = NOWHERE;
  if (a_color.a == 0.0 || !(here || there) || !present(a_start)) return;
  vec3 point = here ? (there ? mix(a_from, a_to, u_phase) : a_from) : a_to;
  float fade = u_fade * (here ? (there ? 1.0 : 1.0 - u_phase) : u_phase);
  vec3 start = seen(a_start);
  vec3 end = seen(point);
  if (start.z == 0.0 || end.z == 0.0) return;
  vec2 way = end.xy - start.xy;
  v_length = length(way);
  if (v_length == 0.0) return;
  v_start = start.xy;
  v_along = way / v_length;
  v_color = vec4(a_color.rgb, fade);
  vec2 aside = vec2(-v_along.y, v_along.x);
  float reach = 0.5 * u_width + 1.0;
  float far = (gl_VertexID & 1) == 0 ? -1.0 : v_length + 1.0;
  float side = (gl_VertexID & 2) == 0 ? -reach : reach;
  gl_Position = clip(start.xy + v_along * far + aside * side);
}`;

export const LINE_FRAGMENT = `#version 300 es
precision highp float;
uniform float u_alpha;
uniform float u_width;
flat in vec2 v_start;
flat in vec2 v_along;
flat in float v_length;
flat in vec4 v_color;
out vec4 o_color;

void main() {
  vec2 off = gl_FragCoord.xy - v_start;
  float far = dot(off, v_along);
  float side = abs(dot(off, vec2(-v_along.y, v_along.x)));
  // The parts of this pixel that the line covers along it and across it.
  float along = clamp(min(far + 0.5, v_length) - max(far - 0.5, 0.0), 0.0, 1.0);
  float across = clamp(0.5 * u_width + 0.5 - side, 0.0, min(1.0, u_width));
  o_color = vec4(v_color.rgb, u_alpha * v_color.a * along * across);
}`;
