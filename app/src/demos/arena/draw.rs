//! Draws the game. Colours are its own: it is night in the arena, whatever the page's theme.

use web_sys::CanvasRenderingContext2d as Context;

use super::game::{Game, HEIGHT, Happening, Kind, MIRROR, MIRROR_Y, Thing, WIDTH};

const NIGHT: &str = "#0b1219";
const DUSK: &str = "#16283a";
const STAR: &str = "#3a4d60";
const RAY: &str = "#ffd166";
const ROCK: &str = "#8a97a5";
const ROCK_EDGE: &str = "#c3ccd5";
const MIRROR_COLOUR: &str = "#67bdff";
const HURT: &str = "#ff9d94";
const WHITE: &str = "#ffffff";

const FULL_TURN: f64 = std::f64::consts::TAU;
/// Sparks of one ray; one slow ring instead where less motion is wished.
const SPARKS: usize = 9;
const SPARK_S: f64 = 0.45;

struct Spark {
    x: f64,
    y: f64,
    dx: f64,
    dy: f64,
    age: f64,
    colour: &'static str,
}

/// What is seen and does not matter for the game.
pub struct Scenery {
    sparks: Vec<Spark>,
    calm: bool,
}

impl Scenery {
    /// `calm` leaves out what only moves.
    pub const fn new(calm: bool) -> Self {
        Self { sparks: Vec::new(), calm }
    }

    /// Shows that something happened.
    pub fn show(&mut self, happenings: &[Happening]) {
        if self.calm {
            return;
        }
        for happening in happenings {
            let (x, colour) = match happening {
                Happening::Caught { x, .. } => (*x, RAY),
                Happening::Hit { x } => (*x, HURT),
                Happening::Missed | Happening::Over { .. } => continue,
            };
            self.sparks.extend((0..SPARKS).map(|i| {
                let angle = std::f64::consts::PI * (1.0 + (i as f64 + 0.5) / SPARKS as f64);
                Spark { x, y: MIRROR_Y, dx: angle.cos() * 26.0, dy: angle.sin() * 30.0, age: 0.0, colour }
            }));
        }
    }

    /// Lets time pass.
    pub fn advance(&mut self, elapsed: f64) {
        for spark in &mut self.sparks {
            spark.age += elapsed;
            spark.x += spark.dx * elapsed;
            spark.y += spark.dy * elapsed;
            spark.dy += 60.0 * elapsed;
        }
        self.sparks.retain(|spark| spark.age < SPARK_S);
    }

    /// Draws everything in the game's own units.
    pub fn draw(&self, c: &Context, game: &Game, banner: Option<&str>) {
        c.set_fill_style_str(NIGHT);
        c.fill_rect(0.0, 0.0, WIDTH, HEIGHT);
        c.set_fill_style_str(DUSK);
        c.fill_rect(0.0, MIRROR_Y + 4.0, WIDTH, HEIGHT - MIRROR_Y);
        stars(c, if self.calm { 0.0 } else { game.time });
        for thing in &game.things {
            match thing.kind {
                Kind::Ray => ray(c, thing),
                Kind::Rock => rock(c, thing),
            }
        }
        mirror(c, game);
        for spark in &self.sparks {
            c.set_global_alpha((1.0 - spark.age / SPARK_S).max(0.0));
            disc(c, spark.x, spark.y, 0.7, spark.colour);
        }
        c.set_global_alpha(1.0);
        head(c, game);
        if let Some(text) = banner {
            c.set_fill_style_str("rgb(11 18 25 / 0.72)");
            c.fill_rect(0.0, HEIGHT * 0.36, WIDTH, HEIGHT * 0.22);
            words(c, text, WIDTH / 2.0, HEIGHT * 0.47, 7.0, WHITE, "center");
        }
    }
}

fn disc(c: &Context, x: f64, y: f64, radius: f64, colour: &str) {
    c.begin_path();
    // It only fails for a negative radius.
    let _ = c.arc(x, y, radius, 0.0, FULL_TURN);
    c.set_fill_style_str(colour);
    c.fill();
}

fn words(c: &Context, text: &str, x: f64, y: f64, size: f64, colour: &str, align: &str) {
    c.set_font(&format!("600 {size}px system-ui, sans-serif"));
    c.set_text_align(align);
    c.set_text_baseline("middle");
    c.set_fill_style_str(colour);
    // It only fails for numbers that are none.
    let _ = c.fill_text(text, x, y);
}

fn stars(c: &Context, time: f64) {
    c.set_fill_style_str(STAR);
    for i in 0..24_u32 {
        let x = f64::from(i * 37 % 90);
        let y = (f64::from(i * 53 % 108) + time * f64::from(1 + i % 3)) % (MIRROR_Y + 2.0);
        c.fill_rect(x, y, 0.5, 0.5);
    }
}

/// A disc with a tail of light.
fn ray(c: &Context, thing: &Thing) {
    c.begin_path();
    c.move_to(thing.x - thing.radius * 0.7, thing.y);
    c.line_to(thing.x, thing.y - thing.radius * 4.5);
    c.line_to(thing.x + thing.radius * 0.7, thing.y);
    c.close_path();
    c.set_global_alpha(0.45);
    c.set_fill_style_str(RAY);
    c.fill();
    c.set_global_alpha(1.0);
    disc(c, thing.x, thing.y, thing.radius, RAY);
}

/// A polygon with an edge: told from a ray by its shape, too.
fn rock(c: &Context, thing: &Thing) {
    c.begin_path();
    for i in 0..7 {
        let angle = FULL_TURN * f64::from(i) / 7.0 + thing.x;
        let radius = thing.radius * if i % 2 == 0 { 1.0 } else { 0.78 };
        c.line_to(thing.x + radius * angle.cos(), thing.y + radius * angle.sin());
    }
    c.close_path();
    c.set_fill_style_str(ROCK);
    c.fill();
    c.set_stroke_style_str(ROCK_EDGE);
    c.set_line_width(0.7);
    c.stroke();
}

fn mirror(c: &Context, game: &Game) {
    let is_hurt = game.time < game.mercy_until;
    c.begin_path();
    c.move_to(game.x - MIRROR, MIRROR_Y - 1.5);
    c.quadratic_curve_to(game.x, MIRROR_Y + 5.0, game.x + MIRROR, MIRROR_Y - 1.5);
    c.set_line_width(2.4);
    c.set_line_cap("round");
    c.set_stroke_style_str(if is_hurt { HURT } else { MIRROR_COLOUR });
    c.stroke();
}

fn head(c: &Context, game: &Game) {
    words(c, &game.points.to_string(), 3.0, 6.0, 7.0, WHITE, "left");
    words(c, &text!(demos.arena.left, n = game.left_s()), WIDTH / 2.0, 6.0, 5.0, ROCK_EDGE, "center");
    for life in 0..game.lives {
        disc(c, WIDTH - 5.0 - 5.5 * f64::from(life), 6.0, 1.9, HURT);
    }
    if game.factor() > 1 {
        words(c, &format!("× {}", game.factor()), 3.0, 13.0, 4.5, RAY, "left");
    }
}
