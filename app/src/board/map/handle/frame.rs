//! One frame: what is drawn, what it costs, and whether another one follows.

use std::rc::Rc;

use heliograph_shared::items::ItemId;

use super::Inner;
use crate::board::map::gpu::frame::Frame;
use crate::board::map::gpu::objects::Drawn;
use crate::board::map::gpu::overlay::{Labels, MarkLabel};
use crate::board::map::maplibre::RenderArgs;
use crate::board::map::scene::names::{Candidate, MOST_IN_VIEW, Named};
use crate::board::map::scene::projector::Projector;
use crate::browser::clock;
use crate::browser::dom::{self, Timer};

/// What the frames cost, for the debug handle.
#[derive(Clone, Copy, Debug, Default)]
pub struct Costs {
    /// Frames drawn.
    pub frames: u64,
    /// Bytes sent to the GPU, in all.
    pub uploaded_bytes: u64,
    /// Our part of the latest frame's CPU time, in milliseconds, smoothed.
    pub cpu_ms: f64,
    /// Our largest CPU time of any frame.
    pub cpu_max_ms: f64,
    /// The latest frame.
    pub drawn: Drawn,
}

impl Inner {
    /// Where the camera is in the frame that MapLibre draws.
    pub(super) fn take_camera(&self, args: &RenderArgs) {
        let Some(matrix) = args.clip_from_unit() else { return };
        let canvas = self.map.canvas();
        let size = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        self.camera.set(Some(Projector::new(&matrix, self.map.centre(), size, self.map.zoom())));
        let map = &self.store.info.map;
        self.grid.set((map.style.is_none() && map.basemap.is_none()).then(|| self.map.bounds()));
    }

    /// Draws what is on the map as of now, where the camera was last.
    pub(super) fn draw(&self) {
        let began = clock::steady();
        let Some(camera) = self.camera.get() else { return };
        let now = self.store.scene_now();
        let grid = self.grid.get();
        let mut surface = self.surface.borrow_mut();
        let pixel_ratio = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).max(0.5);
        let Some((gl, layer)) = surface.ready(camera.size, pixel_ratio) else { return };
        let mut scene = self.store.scene.borrow_mut();
        let frame = Frame {
            camera: &camera,
            now,
            stale_before: self.store.scene_time(self.store.stale_before()),
            pixel_ratio,
            palette: self.palette.get(),
            grid,
        };
        let drawn = layer.draw(gl, &frame, &mut scene);
        self.drawn_stale_before.set(frame.stale_before);
        let is_moving = scene.is_moving(now);
        drop(scene);
        drop(surface);
        let labels = Labels {
            names: self.name_labels(&camera, now),
            groups: self.group_labels(&camera, now),
            marks: self.mark_labels(&camera, now),
        };
        self.overlay.draw(&camera, grid, &labels);
        self.count(drawn, clock::steady() - began);
        let is_new = self.pointer_is_new.replace(false);
        if is_new || is_moving {
            self.point_again(is_new);
        }
    }

    /// Asks for a frame, once. While the camera rests the basemap is not drawn again: only what is over it is.
    pub(super) fn ask(this: &Rc<Self>) {
        if this.is_following.get() || this.camera.get().is_none() {
            return this.map.trigger_repaint();
        }
        if this.is_asked.replace(true) {
            return;
        }
        let weak = Rc::downgrade(this);
        dom::on_next_frame(move || {
            let Some(this) = weak.upgrade() else { return };
            this.is_asked.set(false);
            // A moving camera has frames of its own.
            if !this.map.is_moving() {
                this.draw();
                Self::go_on(&this);
            }
        });
    }

    /// Draws now, unless a frame is on its way anyway.
    pub(super) fn paint(this: &Rc<Self>) {
        if this.is_following.get() || this.is_asked.get() || this.map.is_moving() {
            return Self::ask(this);
        }
        this.draw();
        Self::go_on(this);
    }

    /// Asks for the next frame while anything moves. The camera follows before MapLibre draws that frame, so that the
    /// followed mark stands still. When nothing does, but it is soon to be chosen anew who is drawn, that is waited for.
    pub(super) fn go_on(this: &Rc<Self>) {
        let next = this.store.scene.borrow().next_frame_in(this.store.scene_now());
        let Some(wait) = next else { return };
        if wait > 0 {
            return Self::ask_later(this, wait);
        }
        if this.is_following.get() {
            let weak = Rc::downgrade(this);
            dom::on_next_frame(move || {
                if let Some(this) = weak.upgrade() {
                    this.follow();
                }
            });
        }
        Self::ask(this);
    }

    fn ask_later(this: &Rc<Self>, millis: i32) {
        if this.later.borrow().is_some() {
            return;
        }
        let weak = Rc::downgrade(this);
        this.later.replace(Timer::after(millis, move || {
            if let Some(this) = weak.upgrade() {
                this.later.replace(None);
                Self::ask(&this);
            }
        }));
    }

    fn count(&self, drawn: Drawn, cpu_ms: f64) {
        let mut costs = self.costs.get();
        costs.frames += 1;
        costs.uploaded_bytes += drawn.uploaded_bytes as u64;
        costs.cpu_ms = if costs.frames == 1 { cpu_ms } else { costs.cpu_ms * 0.95 + cpu_ms * 0.05 };
        costs.cpu_max_ms = costs.cpu_max_ms.max(cpu_ms);
        costs.drawn = drawn;
        self.costs.set(costs);
    }

    /// The keys of who is in view, beside their marks, and where the viewer is.
    fn name_labels(&self, camera: &Projector, now: i32) -> Vec<MarkLabel> {
        let here = self.here.get().and_then(|here| {
            let (x, y) = camera.screen_from_fixed(here)?;
            let title = text!(board.map.you).to_owned();
            Some(MarkLabel { x, y, title, detail: String::new(), class: "label here" })
        });
        if !self.has_names.get() {
            return here.into_iter().collect();
        }
        let discs = self.discs(camera, now);
        let few = self.store.scene.borrow().few(MOST_IN_VIEW, now);
        // Those have a label of their own.
        let others = [self.hovered.get(), self.selected.get()];
        let labels = self.store.with_replica(|replica| {
            let candidate = |(id, tag, rule, place): (u32, u32, Option<usize>, _)| {
                let at = camera.screen_from_fixed(place)?;
                let letters = replica.get(ItemId(id))?.key.chars().count();
                Some(Candidate { id, tag, rank: rule.unwrap_or(usize::MAX), at, letters })
            };
            let candidates: Vec<_> = few.into_iter().filter_map(candidate).collect();
            let size = (camera.size.0 - self.covered.get().right, camera.size.1);
            let named = self.names.borrow_mut().choose(&candidates, &discs, size);
            let label = |named: Named| {
                let class = if named.is_flipped { "label name flipped" } else { "label name" };
                let title = replica.get(ItemId(named.id))?.key.clone();
                Some(MarkLabel { x: named.at.0, y: named.at.1, title, detail: String::new(), class })
            };
            let named = named.into_iter().filter(|named| !others.contains(&Some(named.id)));
            named.filter_map(label).collect::<Vec<_>>()
        });
        here.into_iter().chain(labels.unwrap_or_default()).collect()
    }

    fn mark_labels(&self, camera: &Projector, now: i32) -> Vec<MarkLabel> {
        let scene = self.store.scene.borrow();
        let room = camera.size.0 - self.covered.get().right;
        let label = |id: u32, [class, flipped]: [&'static str; 2], is_long: bool| {
            let (x, y) = camera.screen_from_fixed(scene.place(id, now)?)?;
            let class = if x > room - if is_long { 300.0 } else { 120.0 } { flipped } else { class };
            self.store
                .with_replica(|replica| {
                    let item = replica.get(ItemId(id))?;
                    let detail = if is_long {
                        crate::board::items::words::detail(&self.store.info, &self.store.marks, item, None)
                    } else {
                        String::new()
                    };
                    Some(MarkLabel { x, y, title: item.key.clone(), detail, class })
                })
                .flatten()
        };
        let hovered = self.hovered.get().filter(|id| Some(*id) != self.selected.get());
        let selected =
            self.selected.get().and_then(|id| label(id, ["mark-label selected", "mark-label selected flipped"], false));
        let hovered = hovered.and_then(|id| label(id, ["mark-label tooltip", "mark-label tooltip flipped"], true));
        let group = if hovered.is_none() { self.group_tooltip(camera, now, room) } else { None };
        let ground = if hovered.is_none() && group.is_none() { self.ground_label(room) } else { None };
        selected.into_iter().chain(hovered).chain(group).chain(ground).collect()
    }
}
