//! The canvas: frames, keys and fingers around the game.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, KeyboardEvent, PointerEvent};

use super::draw::Scenery;
use super::game::{Game, HEIGHT, Happening, Input, WIDTH};
use super::stream::Stream;
use crate::browser::clock;
use crate::browser::dom::{self, Listener};

/// Where a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Turn {
    /// None has begun.
    #[default]
    Ready,
    /// It runs.
    Running,
    /// It waits for the player.
    Paused,
    /// It is over.
    Over,
}

/// What is said about the run beside the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hud {
    /// Where the run is.
    pub turn: Turn,
    /// Its points.
    pub points: u32,
    /// Lives left.
    pub lives: u8,
    /// Seconds left.
    pub left_s: u32,
}

/// The stage: a handle, cheap to clone.
#[derive(Clone)]
pub struct Stage(Rc<Inner>);

struct Inner {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    game: RefCell<Game>,
    scenery: RefCell<Scenery>,
    input: Cell<Input>,
    turn: Cell<Turn>,
    frame_at: Cell<f64>,
    is_looping: Cell<bool>,
    stream: RefCell<Option<Stream>>,
    hud: RwSignal<Hud>,
    listeners: RefCell<Vec<Listener>>,
}

impl Stage {
    /// Puts the game on a canvas; none where a canvas can't be drawn on.
    pub fn new(canvas: HtmlCanvasElement, hud: RwSignal<Hud>) -> Option<Self> {
        let context = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
        let stage = Self(Rc::new(Inner {
            canvas,
            context,
            game: RefCell::new(Game::new(0)),
            scenery: RefCell::new(Scenery::new(dom::prefers_reduced_motion())),
            input: Cell::new(Input::default()),
            turn: Cell::new(Turn::Ready),
            frame_at: Cell::new(0.0),
            is_looping: Cell::new(false),
            stream: RefCell::new(None),
            hud,
            listeners: RefCell::new(Vec::new()),
        }));
        Inner::listen(&stage.0);
        stage.0.paint();
        Some(stage)
    }

    /// Begins a run. With a stream its points go to the board.
    pub fn start(&self, stream: Option<Stream>) {
        let inner = &self.0;
        inner.game.replace(Game::new((clock::jitter() * 1e15) as u64));
        inner.stream.replace(stream);
        inner.input.set(Input::default());
        inner.turn.set(Turn::Running);
        // The keys belong to the game now.
        let _ = inner.canvas.focus();
        Inner::run(inner);
    }

    /// Pauses, or goes on.
    pub fn toggle(&self) {
        match self.0.turn.get() {
            Turn::Running => self.0.pause(),
            Turn::Paused => {
                self.0.turn.set(Turn::Running);
                let _ = self.0.canvas.focus();
                Inner::run(&self.0);
            }
            Turn::Ready | Turn::Over => {}
        }
    }

    /// Ends everything.
    pub fn stop(&self) {
        self.0.turn.set(Turn::Over);
        self.0.listeners.borrow_mut().clear();
    }
}

impl Inner {
    fn run(this: &Rc<Self>) {
        this.frame_at.set(clock::steady());
        if !this.is_looping.replace(true) {
            Self::next(Rc::downgrade(this));
        }
    }

    fn next(weak: Weak<Self>) {
        dom::on_next_frame(move || {
            let Some(this) = weak.upgrade() else { return };
            this.frame();
            let waits = this.stream.borrow().as_ref().is_some_and(|stream| !stream.is_settled());
            // After the end it goes on until the last points are on the board.
            if this.turn.get() == Turn::Running || waits {
                Self::next(Rc::downgrade(&this));
            } else {
                this.is_looping.set(false);
            }
        });
    }

    fn frame(&self) {
        let now = clock::steady();
        let elapsed = ((now - self.frame_at.replace(now)) / 1_000.0).max(0.0);
        if self.turn.get() == Turn::Running {
            let mut happenings = Vec::new();
            self.game.borrow_mut().advance(self.input.get(), elapsed, &mut happenings);
            self.scenery.borrow_mut().show(&happenings);
            self.scenery.borrow_mut().advance(elapsed);
            self.tell(&happenings);
            if self.game.borrow().is_over() {
                self.turn.set(Turn::Over);
            }
        }
        let (lives, points) = {
            let game = self.game.borrow();
            (game.lives, game.points)
        };
        if let Some(stream) = self.stream.borrow().as_ref() {
            stream.pump(lives, points);
        }
        self.paint();
    }

    fn tell(&self, happenings: &[Happening]) {
        let stream = self.stream.borrow();
        let Some(stream) = stream.as_ref() else { return };
        for happening in happenings {
            match happening {
                Happening::Caught { points, .. } | Happening::Over { bonus: points } => stream.report(*points),
                Happening::Hit { .. } => stream.report(0),
                Happening::Missed => {}
            }
        }
    }

    fn pause(&self) {
        if self.turn.get() == Turn::Running {
            self.turn.set(Turn::Paused);
            self.input.set(Input::default());
            self.paint();
        }
    }

    fn paint(&self) {
        let game = self.game.borrow();
        let hud = Hud { turn: self.turn.get(), points: game.points, lives: game.lives, left_s: game.left_s() };
        if self.hud.try_get_untracked().is_some_and(|old| old != hud) {
            self.hud.set(hud);
        }
        let scale = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).clamp(1.0, 3.0);
        let width = (f64::from(self.canvas.client_width()) * scale).round().max(1.0);
        let height = (width * HEIGHT / WIDTH).round();
        // Setting a size clears the canvas and costs something, even when it is the same.
        if (self.canvas.width(), self.canvas.height()) != (width as u32, height as u32) {
            self.canvas.set_width(width as u32);
            self.canvas.set_height(height as u32);
        }
        // It only fails for numbers that are none.
        let _ = self.context.set_transform(width / WIDTH, 0.0, 0.0, height / HEIGHT, 0.0, 0.0);
        let banner = match hud.turn {
            Turn::Running => None,
            Turn::Ready => Some(text!(demos.arena.banner_ready)),
            Turn::Paused => Some(text!(demos.arena.banner_paused)),
            Turn::Over => Some(text!(demos.arena.banner_over)),
        };
        self.scenery.borrow().draw(&self.context, &game, banner);
    }

    fn steer(&self, change: impl FnOnce(&mut Input)) {
        let mut input = self.input.get();
        change(&mut input);
        self.input.set(input);
    }

    fn key(&self, event: &KeyboardEvent, is_down: bool) {
        if self.turn.get() != Turn::Running || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "ArrowLeft" | "a" | "A" => self.steer(|input| input.left = is_down),
            "ArrowRight" | "d" | "D" => self.steer(|input| input.right = is_down),
            _ => return,
        }
        self.steer(|input| input.towards = None);
        event.prevent_default();
    }

    fn finger(&self, event: &PointerEvent) {
        if self.turn.get() == Turn::Running {
            let area = self.canvas.get_bounding_client_rect();
            let x = (f64::from(event.client_x()) - area.left()) / area.width().max(1.0) * WIDTH;
            self.steer(|input| input.towards = Some(x));
        }
    }

    fn listen(this: &Rc<Self>) {
        let Some(window) = web_sys::window() else { return };
        let with = |work: fn(&Self, &web_sys::Event)| {
            let weak = Rc::downgrade(this);
            move |event: web_sys::Event| {
                if let Some(this) = weak.upgrade() {
                    work(&this, &event);
                }
            }
        };
        let key = |is_down: fn(&Self, &web_sys::Event)| with(is_down);
        let list = vec![
            Listener::new(
                &window,
                "keydown",
                key(|this, event| {
                    if let Some(event) = event.dyn_ref().filter(|_| !dom::is_typing(event)) {
                        this.key(event, true);
                    }
                }),
            ),
            Listener::new(
                &window,
                "keyup",
                key(|this, event| {
                    if let Some(event) = event.dyn_ref() {
                        this.key(event, false);
                    }
                }),
            ),
            // What the player can't see, the player can't play.
            Listener::new(&window, "blur", with(|this, _| this.pause())),
            Listener::new(&window, "resize", with(|this, _| this.paint())),
            Listener::new(
                &this.canvas,
                "pointerdown",
                with(|this, event| {
                    if let Some(event) = event.dyn_ref::<PointerEvent>() {
                        this.finger(event);
                    }
                }),
            ),
            Listener::new(
                &this.canvas,
                "pointermove",
                with(|this, event| {
                    // A mouse steers without a button, a finger where it touches.
                    if let Some(event) = event.dyn_ref::<PointerEvent>() {
                        this.finger(event);
                    }
                }),
            ),
        ];
        this.listeners.replace(list);
    }
}
