//! A chart on the page: drawn, zoomed and read with the pointer, the finger or the keyboard. The crosshair is a slider
//! for assistive technology: arrow keys move it, and what it stands at is its text.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;

use super::picture::Picture;
use super::plot::{self, Gestures, Plot};
use super::span::{Range, Step, Window, step_floor, step_label};
use crate::browser::clock;
use crate::browser::dom;
use crate::parts::theme::Theme;
use heliograph_shared::time::Millis;

/// How much closer one press of a key or button goes.
pub const ZOOM: f64 = 0.5;
/// How far one step aside goes, as a share of what is seen.
pub const ASIDE: f64 = 0.25;
/// Values that Page Up and Page Down pass.
const PAGE: i64 = 10;

/// What a chart shows and what its viewer does with it. Cheap to copy.
#[derive(Clone, Copy)]
pub struct ChartView {
    /// What is drawn.
    pub picture: Signal<Option<Arc<Picture>>>,
    /// The stretch of time that is seen.
    pub window: Signal<Window>,
    /// Where the crosshair is; charts that share it move together.
    pub pointed: RwSignal<Option<i64>>,
    /// Asks for another stretch of time.
    pub choose: Callback<Range>,
    /// Back to where zooming began.
    pub reset: Callback<()>,
}

impl ChartView {
    fn look(self, window: Window) {
        self.choose.run(Range::Fixed(window));
    }

    /// The row under the crosshair.
    pub fn row(self) -> Option<usize> {
        let time = self.pointed.get()?;
        self.picture.with(|picture| picture.as_ref()?.columns.nearest(time))
    }
}

impl Gestures for ChartView {
    fn chosen(self, window: Window) {
        self.look(window);
    }

    fn pointed(self, time: Option<i64>) {
        if self.pointed.try_get_untracked() != Some(time) {
            self.pointed.set(time);
        }
    }

    fn wheeled(self, factor: f64, around: i64) {
        if let Some(window) = self.window.try_get_untracked() {
            self.look(window.zoomed(factor, around));
        }
    }

    fn reset(self) {
        self.reset.run(());
    }
}

/// A moment as it stands beside values.
pub fn moment(time: i64) -> String {
    clock::short_text(Millis(time))
}

/// A stretch of time, to the minute, and how long its values are.
pub fn stretch(window: Window, step: Option<Step>) -> String {
    let [from, to] = [window.from, window.to].map(|time| moment(step_floor(Step::Minute, time)));
    match step {
        Some(step) => text!(chart.frame.every, from = from, to = to, step = step_label(step)),
        None => text!(chart.frame.between, from = from, to = to),
    }
}

/// The chart.
#[component]
pub fn Chart(
    /// What it shows.
    view: ChartView,
    /// What it is called for somebody who can't see it.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let host = NodeRef::<Div>::new();
    let theme = expect_context::<Theme>();
    let library = RwSignal::new(None::<bool>);
    leptos::task::spawn_local(async move {
        let is_loaded = plot::load().await.is_ok();
        let _ = library.try_set(Some(is_loaded));
    });
    let drawn = StoredValue::new_local(None::<(Plot, Arc<Picture>)>);
    on_cleanup(move || drawn.dispose());
    let is_broken = RwSignal::new(false);
    Effect::new(move |_| {
        let (Some(host), Some(true), Some(picture)) = (host.get(), library.get(), view.picture.get()) else { return };
        let window = view.window.get_untracked();
        let is_same = drawn.with_value(|drawn| drawn.as_ref().is_some_and(|(_, old)| old.has_same_lines(&picture)));
        if !is_same {
            // The old one leaves its place first.
            drawn.set_value(None);
            match Plot::new(&host, &picture, view) {
                Ok(plot) => drawn.set_value(Some((plot, Arc::clone(&picture)))),
                Err(error) => {
                    web_sys::console::error_1(&error);
                    is_broken.set(true);
                }
            }
        }
        drawn.with_value(|drawn| {
            if let Some((plot, _)) = drawn {
                plot.show(&picture, window);
            }
        });
    });
    Effect::new(move |_| {
        let window = view.window.get();
        drawn.with_value(|drawn| {
            if let Some((plot, _)) = drawn {
                plot.look(window);
            }
        });
    });
    // The crosshair may have been moved by the keyboard, or on another chart.
    Effect::new(move |_| {
        let time = view.row().and_then(|row| {
            view.picture.with(|picture| picture.as_ref().and_then(|picture| picture.columns.times.get(row).copied()))
        });
        drawn.with_value(|drawn| {
            if let Some((plot, _)) = drawn {
                plot.point(time);
            }
        });
    });
    Effect::new(move |_| {
        let _ = theme.is_dark();
        // The page's colours change with the next frame.
        dom::on_next_frame(move || {
            let _ = drawn.try_with_value(|drawn| {
                if let Some((plot, _)) = drawn {
                    plot.redraw();
                }
            });
        });
    });
    let said = Memo::new(move |_| {
        let row = view.row();
        view.picture.with(|picture| match (picture, row) {
            (Some(picture), Some(row)) => {
                let time = picture.columns.times.get(row).copied().unwrap_or_default();
                format!("{}: {}", moment(time), picture.sentence(row))
            }
            (Some(picture), None) => picture.summary(),
            (None, _) => text!(chart.frame.loading).to_owned(),
        })
    });
    let seconds = move |time: i64| (time / 1_000).to_string();
    view! {
        <div
            class="chart-plot"
            node_ref=host
            role="slider"
            tabindex="0"
            data-testid="chart"
            aria-label=label
            aria-orientation="horizontal"
            aria-valuemin=move || seconds(view.window.get().from)
            aria-valuemax=move || seconds(view.window.get().to)
            aria-valuenow=move || {
                let window = view.window.get();
                seconds(view.pointed.get().unwrap_or(window.to).clamp(window.from, window.to))
            }
            aria-valuetext=said
            on:keydown=move |event| {
                if key(view, &event) {
                    event.prevent_default();
                    event.stop_propagation();
                }
            }
            on:blur=move |_| view.pointed.set(None)
        ></div>
        <Show when=move || library.get() == Some(false) || is_broken.get()>
            <p class="chart-note" role="alert">{text!(chart.frame.broken)}</p>
        </Show>
    }
}

/// Does what a key means; false when it means nothing here.
fn key(view: ChartView, event: &KeyboardEvent) -> bool {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return false;
    }
    let window = view.window.get_untracked();
    let walk = |by: i64| {
        let row = untrack(|| view.row());
        view.picture.with_untracked(|picture| {
            let columns = &picture.as_ref()?.columns;
            columns.walk(row, by).and_then(|row| columns.times.get(row).copied())
        })
    };
    let around = view.pointed.get_untracked().unwrap_or_else(|| window.middle());
    match (event.key().as_str(), event.shift_key()) {
        ("ArrowLeft", true) => view.look(window.moved(-ASIDE)),
        ("ArrowRight", true) => view.look(window.moved(ASIDE)),
        ("ArrowLeft" | "ArrowDown", _) => point(view, walk(-1)),
        ("ArrowRight" | "ArrowUp", _) => point(view, walk(1)),
        ("PageDown", _) => point(view, walk(-PAGE)),
        ("PageUp", _) => point(view, walk(PAGE)),
        ("Home", _) => point(view, walk(i64::MIN)),
        ("End", _) => point(view, walk(i64::MAX)),
        ("+" | "=", _) => view.look(window.zoomed(ZOOM, around)),
        ("-" | "_", _) => view.look(window.zoomed(1.0 / ZOOM, around)),
        ("0", _) => view.reset.run(()),
        ("Escape", _) if view.pointed.get_untracked().is_some() => view.pointed.set(None),
        (_, _) => return false,
    }
    true
}

fn point(view: ChartView, time: Option<i64>) {
    if time.is_some() {
        view.pointed.set(time);
    }
}
