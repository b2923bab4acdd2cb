//! From places to pixels on the CPU, with the same matrix the shaders get: for picking, labels and tests.

use super::mercator::{Fixed, unit_from_degrees};

/// The camera of one frame.
#[derive(Clone, Copy, Debug)]
pub struct Projector {
    /// Clip space from worlds relative to `origin`, column-major.
    pub matrix: [f64; 16],
    /// The camera's centre.
    pub origin: Fixed,
    /// The map's size in CSS pixels.
    pub size: (f64, f64),
    /// MapLibre's zoom: the world is `512 · 2^zoom` CSS pixels wide.
    pub zoom: f64,
}

impl Projector {
    /// Moves MapLibre's matrix (clip from the unit square) to the camera's centre, in doubles: this is the step that
    /// single precision can't do.
    pub fn new(clip_from_unit: &[f64; 16], centre: (f64, f64), size: (f64, f64), zoom: f64) -> Self {
        let (x, y) = unit_from_degrees(centre.0, centre.1);
        let mut matrix = *clip_from_unit;
        for row in 0..4 {
            matrix[12 + row] += clip_from_unit[row] * x + clip_from_unit[4 + row] * y;
        }
        Self { matrix, origin: Fixed::from_unit(x, y), size, zoom }
    }

    /// Where a place is on the screen in CSS pixels from the top left; nothing when it is behind the camera.
    pub fn screen_from_fixed(&self, place: Fixed) -> Option<(f64, f64)> {
        let (x, y) = place.offset_from(self.origin);
        let m = &self.matrix;
        let w = m[3] * x + m[7] * y + m[15];
        if w <= 0.0 {
            return None;
        }
        let clip_x = (m[0] * x + m[4] * y + m[12]) / w;
        let clip_y = (m[1] * x + m[5] * y + m[13]) / w;
        Some(((clip_x + 1.0) * 0.5 * self.size.0, (1.0 - clip_y) * 0.5 * self.size.1))
    }

    /// Whether the other camera shows everything in the same place.
    #[expect(clippy::float_cmp, reason = "only the very same numbers draw the very same picture")]
    pub fn is_same_view(&self, other: &Self) -> bool {
        self.origin == other.origin && self.size == other.size && self.matrix == other.matrix
    }

    /// The box of what is on the screen, in worlds from the camera's centre: west, north, east, south. Nothing when a corner
    /// of the screen is above the horizon.
    pub fn seen(&self) -> Option<[f64; 4]> {
        let m = &self.matrix;
        // From the plane of the map to clip space, row by row, and back: the inverse's columns are the rows' cross products.
        let (x, y, w) = ([m[0], m[4], m[12]], [m[1], m[5], m[13]], [m[3], m[7], m[15]]);
        let columns = [cross(y, w), cross(w, x), cross(x, y)];
        let turn: f64 = x.iter().zip(columns[0]).map(|(a, b)| a * b).sum();
        let corner = |right: f64, up: f64| {
            let part = |n: usize| (columns[0][n] * right + columns[1][n] * up + columns[2][n]) / turn;
            let far = part(2);
            (far.is_finite() && far > 0.0).then(|| (part(0) / far, part(1) / far))
        };
        let corners = [corner(-1.0, -1.0)?, corner(1.0, -1.0)?, corner(-1.0, 1.0)?, corner(1.0, 1.0)?];
        let start = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
        Some(
            corners.iter().fold(start, |[west, north, east, south], &(x, y)| {
                [west.min(x), north.min(y), east.max(x), south.max(y)]
            }),
        )
    }

    /// The matrix in the GPU's precision.
    pub fn gpu_matrix(&self) -> [f32; 16] {
        self.matrix.map(|number| number as f32)
    }

    /// One CSS pixel in worlds at the camera's centre.
    pub fn worlds_per_pixel(&self) -> f64 {
        1.0 / (512.0 * self.zoom.exp2())
    }
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::map::scene::mercator::{X_UNITS, Y_UNITS};

    /// A flat camera as MapLibre makes it without pitch: the unit square scaled and centred.
    fn flat(centre: (f64, f64), zoom: f64, size: (f64, f64)) -> Projector {
        let world = 512.0 * f64::exp2(zoom);
        let (x, y) = unit_from_degrees(centre.0, centre.1);
        let (sx, sy) = (2.0 * world / size.0, -2.0 * world / size.1);
        let matrix = [sx, 0.0, 0.0, 0.0, 0.0, sy, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, -sx * x, -sy * y, 0.0, 1.0];
        Projector::new(&matrix, centre, size, zoom)
    }

    #[test]
    fn the_centre_is_in_the_middle() {
        let camera = flat((30.27, -97.74), 12.0, (800.0, 600.0));
        let at = camera.screen_from_fixed(Fixed::from_degrees(30.27, -97.74)).unwrap();
        assert!((at.0 - 400.0).abs() < 0.01 && (at.1 - 300.0).abs() < 0.01, "{at:?}");
    }

    #[test]
    fn what_is_seen_is_what_lies_on_the_screen_also_turned_and_tilted() {
        let camera = flat((30.27, -97.74), 8.0, (800.0, 600.0));
        let pixel = camera.worlds_per_pixel();
        let close = |a: [f64; 4], b: [f64; 4]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < pixel * 1e-6);
        let seen = camera.seen().unwrap();
        assert!(close(seen, [-400.0, -300.0, 400.0, 300.0].map(|side| side * pixel)), "{seen:?}");

        // Turned by a right angle, and farther things smaller.
        let [sx, sy] = [camera.matrix[0], camera.matrix[5]];
        let mut turned = camera;
        turned.matrix = [0.0, sy, 0.0, 0.5 * sy, sx, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 2.0];
        let [west, north, east, south] = turned.seen().unwrap();
        let mut found = [0.0, 0.0, 0.0, 0.0_f64];
        for (s, t) in (-80..=80).flat_map(|n| (-80..=80).map(move |k| (f64::from(n) / 40.0, f64::from(k) / 40.0))) {
            let (x, y) = (s * west.abs().max(east), t * south);
            let place = Fixed {
                x: turned.origin.x.wrapping_add((x * X_UNITS) as i32),
                y: turned.origin.y + (y * Y_UNITS) as i32,
            };
            let Some((left, top)) = turned.screen_from_fixed(place) else { continue };
            if (0.0..=800.0).contains(&left) && (0.0..=600.0).contains(&top) {
                assert!(x >= west && x <= east && y >= north && y <= south, "{x} {y} is on the screen");
                found = [found[0].min(x), found[1].min(y), found[2].max(x), found[3].max(y)];
            }
        }
        assert!(found.iter().zip([west, north, east, south]).all(|(found, side)| found / side > 0.85), "{found:?}");
        // Where the horizon is on the screen there is no end.
        turned.matrix[3] = 1.5 * sy;
        assert_eq!(turned.seen(), None);
    }

    #[test]
    fn neighbouring_centimetres_stay_apart_at_zoom_20_in_gpu_precision() {
        let camera = flat((30.27, -97.74), 20.0, (800.0, 600.0));
        let m = camera.gpu_matrix();
        let mut last = f32::MIN;
        for step in 0..50 {
            let place = Fixed::from_degrees(30.27, -97.74 + 2e-7 * f64::from(step));
            let x = (place.x.wrapping_sub(camera.origin.x)) as f32 * (1.0 / 4_294_967_296.0);
            let clip = m[0] * x + m[12];
            assert!(clip > last);
            last = clip;
        }
    }

    #[test]
    fn the_other_side_of_the_antimeridian_is_near() {
        let camera = flat((0.0, 179.99), 10.0, (800.0, 600.0));
        let at = camera.screen_from_fixed(Fixed::from_degrees(0.0, -179.99)).unwrap();
        assert!((400.0..500.0).contains(&at.0), "{at:?}");
    }
}
