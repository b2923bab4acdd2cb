//! The game: rays and rocks fall, the player at the bottom catches the ones and dodges the others for a minute.
//!
//! A pure state machine in fixed steps: the same seed and the same inputs give the same run.

use super::random::Random;

/// The field's width; its units have no name.
pub const WIDTH: f64 = 90.0;
/// The field's height.
pub const HEIGHT: f64 = 120.0;
/// A run's length in seconds.
pub const RUN_S: f64 = 60.0;
/// How many rocks a player survives, and one more ends the run.
pub const LIVES: u8 = 3;
/// One step of the game, in seconds.
pub const STEP_S: f64 = 1.0 / 120.0;
/// A tab that slept does not make up for it.
const CATCH_UP_S: f64 = 0.1;

/// Half the mirror's width.
pub const MIRROR: f64 = 7.0;
/// Where the mirror is.
pub const MIRROR_Y: f64 = HEIGHT - 9.0;
/// Units a second.
const SPEED: f64 = 95.0;
/// After a hit nothing hits for so long, in seconds.
const MERCY_S: f64 = 1.5;

/// What a ray is worth, times the streak's factor.
const RAY_POINTS: u32 = 5;
/// So many rays in a row raise the factor by one.
const STREAK_STEP: u32 = 5;
/// The highest factor.
const FACTOR_MAX: u32 = 4;
/// What a life that is left is worth at the end.
const LIFE_POINTS: u32 = 20;

/// What the player does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Input {
    /// To the left.
    pub left: bool,
    /// To the right.
    pub right: bool,
    /// Towards this place, as a finger shows it.
    pub towards: Option<f64>,
}

/// What falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Worth points.
    Ray,
    /// Costs a life.
    Rock,
}

/// One thing that falls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thing {
    /// What it is.
    pub kind: Kind,
    /// Its middle.
    pub x: f64,
    /// Its middle.
    pub y: f64,
    /// Its size.
    pub radius: f64,
    /// Units a second.
    pub speed: f64,
}

/// What happened in a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Happening {
    /// A ray was caught.
    Caught {
        /// What it was worth.
        points: u32,
        /// Where.
        x: f64,
    },
    /// A rock hit.
    Hit {
        /// Where.
        x: f64,
    },
    /// A ray got past; the streak is over.
    Missed,
    /// The run is over.
    Over {
        /// What the lives that are left were worth.
        bonus: u32,
    },
}

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct Game {
    random: Random,
    /// The mirror's middle.
    pub x: f64,
    /// Everything that falls.
    pub things: Vec<Thing>,
    /// The points of this run.
    pub points: u32,
    /// Lives left.
    pub lives: u8,
    /// Rays caught in a row.
    pub streak: u32,
    /// Seconds played.
    pub time: f64,
    /// Until when nothing hits.
    pub mercy_until: f64,
    next_at: f64,
    rest: f64,
    over: bool,
}

impl Game {
    /// A new run.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            x: WIDTH / 2.0,
            things: Vec::new(),
            points: 0,
            lives: LIVES,
            streak: 0,
            time: 0.0,
            mercy_until: 0.0,
            next_at: 0.4,
            rest: 0.0,
            over: false,
        }
    }

    /// Whether the run is over.
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// Seconds left, rounded up.
    pub fn left_s(&self) -> u32 {
        (RUN_S - self.time).max(0.0).ceil() as u32
    }

    /// By what rays are multiplied now.
    pub fn factor(&self) -> u32 {
        (1 + self.streak / STREAK_STEP).min(FACTOR_MAX)
    }

    /// Lets `elapsed` seconds pass.
    pub fn advance(&mut self, input: Input, elapsed: f64, out: &mut Vec<Happening>) {
        self.rest += elapsed.clamp(0.0, CATCH_UP_S);
        while self.rest >= STEP_S && !self.over {
            self.rest -= STEP_S;
            self.step(input, out);
        }
    }

    fn step(&mut self, input: Input, out: &mut Vec<Happening>) {
        self.time += STEP_S;
        self.x = steer(self.x, input);
        if self.time >= self.next_at && self.time < RUN_S - 1.5 {
            self.spawn();
        }
        let (x, time) = (self.x, self.time);
        let mut things = std::mem::take(&mut self.things);
        things.retain_mut(|thing| {
            thing.y += thing.speed * STEP_S;
            let is_near =
                (thing.y - MIRROR_Y).abs() < thing.radius + 1.5 && (thing.x - x).abs() < MIRROR + thing.radius * 0.6;
            match thing.kind {
                Kind::Ray if is_near => {
                    let points = RAY_POINTS * self.factor();
                    self.points += points;
                    self.streak += 1;
                    out.push(Happening::Caught { points, x: thing.x });
                    false
                }
                Kind::Rock if is_near && time >= self.mercy_until => {
                    self.lives = self.lives.saturating_sub(1);
                    self.streak = 0;
                    self.mercy_until = time + MERCY_S;
                    out.push(Happening::Hit { x: thing.x });
                    false
                }
                Kind::Ray if thing.y > HEIGHT + thing.radius => {
                    self.streak = 0;
                    out.push(Happening::Missed);
                    false
                }
                Kind::Ray | Kind::Rock => thing.y <= HEIGHT + thing.radius,
            }
        });
        self.things = things;
        if self.lives == 0 || self.time >= RUN_S {
            let bonus = u32::from(self.lives) * LIFE_POINTS;
            self.points += bonus;
            self.over = true;
            out.push(Happening::Over { bonus });
        }
    }

    /// It gets faster and stonier.
    fn spawn(&mut self) {
        let progress = (self.time / RUN_S).min(1.0);
        let mut random = || self.random.unit();
        let kind = if random() < 0.25 + 0.2 * progress { Kind::Rock } else { Kind::Ray };
        let radius = match kind {
            Kind::Ray => 2.6,
            Kind::Rock => 3.0 + 3.0 * random(),
        };
        let margin = radius + 1.0;
        let x = margin + random() * (WIDTH - 2.0 * margin);
        let speed = (34.0 + 36.0 * progress) * (0.85 + 0.3 * random());
        self.next_at = self.time + (0.78 - 0.45 * progress) * (0.8 + 0.4 * random());
        self.things.push(Thing { kind, x, y: -radius, radius, speed });
    }
}

fn steer(x: f64, input: Input) -> f64 {
    let most = SPEED * STEP_S;
    let by = match input.towards {
        Some(to) => (to - x).clamp(-most, most),
        None => most * (f64::from(u8::from(input.right)) - f64::from(u8::from(input.left))),
    };
    (x + by).clamp(MIRROR, WIDTH - MIRROR)
}

#[cfg(test)]
mod tests;
