//! A field of one item over time in a frame. The feed says when there is something new; the values come from the series.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use heliograph_shared::protocol::Subscription;
use heliograph_shared::replica::Replica;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::ask::read;
use super::host::Host;
use super::items::{self, Items};
use super::open::{Latest, Opened};
use super::picks::Picks;
use super::settings::Settings;
use super::shell::{self, Notice, Shell, set};
use crate::browser::clock;
use crate::browser::dom::Listener;
use crate::browser::percent::encode;
use crate::chart::columns;
use crate::chart::frame::{moment, stretch};
use crate::chart::measure::Measure;
use crate::chart::picture::{Line, Picture, Trace};
use crate::chart::plot::{self, Gestures, Plot};
use crate::chart::series::{Aggregate, Series};
use crate::chart::source::pace;
use crate::chart::span::{Known, Preset, Range, Window, whole_time};
use crate::client::boards::BoardInfo;
use crate::scores::slot::{append, attribute, element};

/// A frame is narrow: as many values as it has pixels for.
const VALUES: i64 = 400;

/// What is drawn, and what it is of.
struct Drawn {
    plot: Plot,
    picture: Arc<Picture>,
}

/// The newest event of the item: its time and its number.
type Newest = Option<(i64, u64)>;

/// A question, and when it was asked: of which newest event, at what time of the page.
struct Asked {
    path: String,
    seq: Option<u64>,
    at: f64,
}

/// The chart of a page: it lives as long as that does.
struct Chart {
    key: String,
    measure: Measure,
    info: BoardInfo,
    latest: Latest,
    board: String,
    chart: HtmlElement,
    readout: HtmlElement,
    foot: HtmlElement,
    note: HtmlElement,
    is_loaded: Cell<bool>,
    is_dark: Cell<bool>,
    chosen: Range,
    range: Cell<Range>,
    newest: Cell<Newest>,
    oldest: Cell<Option<i64>>,
    began: Cell<Option<i64>>,
    pointed: Cell<Option<i64>>,
    asked: RefCell<Option<Asked>>,
    series: RefCell<Option<Series>>,
    drawn: RefCell<Option<Drawn>>,
}

/// Shows a chart for as long as the page lives.
pub fn show(opened: Opened, settings: Settings, picks: Picks, shell: Shell, host: Host) -> Option<()> {
    let info: BoardInfo = serde_json::from_value(opened.config.clone()).unwrap_or_default();
    let top = info.top.as_ref().map(|top| Measure::Field(top.field.clone()));
    let (Some(key), Some(measure)) = (settings.key.clone(), picks.measure.clone().or(top)) else {
        let title = text!(embed.value.unnamed).to_owned();
        let text = text!(embed.value.unnamed_text).to_owned();
        let notice = Notice { code: "value_unnamed", title, text, can_retry: false };
        shell.notice(Some(&notice));
        super::complain(&host, &notice);
        return None;
    };
    shell.fill();
    let figure = element("figure", "embed-chart", None)?;
    let label = element("figcaption", "embed-label", None)?;
    set(&label, &text!(embed.value.label, field = measure.label(&info), key = &key));
    let readout = element("p", "embed-reading", None)?;
    let area = element("div", "chart-box", None)?;
    let chart = element("div", "chart-plot", Some("slider"))?;
    attribute(&chart, "tabindex", Some("0"));
    attribute(&chart, "aria-orientation", Some("horizontal"));
    attribute(&chart, "aria-label", Some(&text!(board.chart.measure_of, measure = measure.label(&info), key = &key)));
    let note = element("p", "embed-empty", None)?;
    set(&note, text!(chart.frame.loading));
    let foot = element("p", "embed-age", None)?;
    append(&area, &chart)?;
    append(&area, &note)?;
    for part in [&label, &readout, &area, &foot] {
        append(&figure, part)?;
    }
    append(&shell.body, &figure)?;
    let chart: &'static Chart = Box::leak(Box::new(Chart {
        key: key.clone(),
        measure,
        info,
        latest: opened.latest.clone(),
        board: settings.board.clone(),
        chart,
        readout,
        foot,
        note,
        is_loaded: Cell::default(),
        is_dark: Cell::new(shell::is_dark()),
        chosen: picks.range,
        range: Cell::new(picks.range),
        newest: Cell::default(),
        oldest: Cell::default(),
        began: Cell::default(),
        pointed: Cell::default(),
        asked: RefCell::default(),
        series: RefCell::default(),
        drawn: RefCell::default(),
    }));
    chart.listen();
    wasm_bindgen_futures::spawn_local(async move {
        match plot::load().await {
            Ok(()) => chart.is_loaded.set(true),
            Err(_) => set(&chart.note, text!(chart.frame.broken)),
        }
        chart.draw();
    });
    let draw = move |items: &Items, replica: &Replica| {
        chart.newest.set(items::named(replica, &key).map(|(_, item)| (item.time.0, item.seq)));
        chart.ask_when_due(items.wording().now.0);
        if chart.is_dark.replace(shell::is_dark()) != shell::is_dark()
            && let Some(drawn) = &*chart.drawn.borrow()
        {
            drawn.plot.redraw();
        }
    };
    let subscription = Subscription::items_keys(vec![chart.key.clone()]);
    Items::follow(opened, (settings, picks), (shell, host), subscription, draw);
    Some(())
}

impl Chart {
    fn listen(&'static self) {
        std::mem::forget(Listener::new(&self.chart, "keydown", move |event| {
            if event.dyn_ref::<KeyboardEvent>().is_some_and(|event| self.key_pressed(event)) {
                event.prevent_default();
            }
        }));
        std::mem::forget(Listener::new(&self.chart, "blur", move |_| self.point(None)));
    }

    /// The time that is shown at this moment of the server's clock.
    fn window(&self, now: i64) -> Window {
        let range = self.range.get();
        let oldest = if range == Range::Fit { self.oldest.get() } else { self.began.get() };
        range.window(now, Known { oldest, newest: self.newest.get().map(|(time, _)| time) })
    }

    fn is_beginning_unknown(&self) -> bool {
        self.range.get() == Range::Last(Preset::All) && self.began.get().is_none()
    }

    fn path(&self, now: i64) -> String {
        let time = if self.is_beginning_unknown() {
            whole_time(self.newest.get().map(|(time, _)| time))
        } else {
            let window = self.window(now);
            // The server chooses the step by the same rule, and knows which steps it still has.
            let Window { from, to } = window.aligned(window.step(VALUES));
            format!("from={from}&to={to}")
        };
        let (board, key) = (encode(&self.board), encode(&self.key));
        format!("/v1/boards/{board}/items/{key}/series?{}{time}", self.measure.parameter())
    }

    /// Asks for another stretch of time at once, and for the same one at a calm pace, when there is news.
    fn ask_when_due(&'static self, now: i64) {
        let (path, seq) = (self.path(now), self.newest.get().map(|(_, seq)| seq));
        let step = self.series.borrow().as_ref().map(|series| series.step);
        let is_due = self.asked.borrow().as_ref().is_none_or(|asked| {
            asked.path != path || (asked.seq != seq && clock::steady() - asked.at >= pace(step) as f64)
        });
        if !is_due {
            return;
        }
        let is_beginning = self.is_beginning_unknown();
        self.asked.replace(Some(Asked { path: path.clone(), seq, at: clock::steady() }));
        wasm_bindgen_futures::spawn_local(async move {
            let token = self.latest.borrow().clone();
            let answer = read(&path, token.as_deref()).await;
            // A newer question was asked.
            if self.asked.borrow().as_ref().is_none_or(|asked| asked.path != path) {
                return;
            }
            let is_refused = matches!(answer, Err(401 | 403));
            match answer.ok().and_then(|text| Series::read(&text, self.measure.factor()).ok()) {
                Some(series) if is_beginning => {
                    let first = series.points.first().map(|point| point.time);
                    self.began.set(first.or(Some(now)));
                }
                Some(series) => {
                    let first = series.points.first().map(|point| point.time);
                    self.oldest.set(self.oldest.get().into_iter().chain(first).min());
                    self.series.replace(Some(series));
                    self.draw();
                }
                None => {
                    // What is there stays; it is asked again when there is news, and after a while.
                    if let Some(asked) = &mut *self.asked.borrow_mut() {
                        asked.seq = None;
                    }
                    let why = if is_refused { text!(embed.chart.not_allowed) } else { text!(embed.chart.failed) };
                    set(&self.note, why);
                    self.note.set_hidden(self.drawn.borrow().is_some());
                }
            }
        });
    }

    fn picture(&self, series: &Series, window: Window) -> Picture {
        let (info, step) = (&self.info, series.step);
        let unit = self.measure.unit(info).map(str::to_owned);
        let line = Line { name: self.measure.label(info), unit, ..Line::default() };
        match self.measure {
            Measure::Field(_) => {
                let levels = self.measure.levels(info, false);
                Picture::banded(line, &series.points, step, window).with_levels(levels)
            }
            Measure::Events => {
                let values = columns::values(&series.points, Aggregate::Count, step, window);
                Picture::new(vec![Trace { line, values, latest: None }], step, true)
            }
        }
    }

    fn draw(&'static self) {
        let series = self.series.borrow();
        let (Some(series), true) = (series.as_ref(), self.is_loaded.get()) else { return };
        let window = self.window(clock::wall().0);
        let picture = Arc::new(self.picture(series, window));
        let mut drawn = self.drawn.borrow_mut();
        if drawn.as_ref().is_none_or(|drawn| !drawn.picture.has_same_lines(&picture)) {
            // The old one leaves its place first.
            *drawn = None;
            match Plot::new(&self.chart, &picture, self) {
                Ok(plot) => *drawn = Some(Drawn { plot, picture: Arc::clone(&picture) }),
                Err(_) => return set(&self.note, text!(chart.frame.broken)),
            }
        }
        if let Some(drawn) = &mut *drawn {
            drawn.picture = Arc::clone(&picture);
            drawn.plot.show(&picture, window);
        }
        drop(drawn);
        let is_empty = picture.columns.is_empty(window);
        set(&self.note, text!(embed.chart.empty));
        self.note.set_hidden(!is_empty);
        set(&self.foot, &stretch(window, Some(series.step)));
        let seconds = |time: i64| (time / 1_000).to_string();
        attribute(&self.chart, "aria-valuemin", Some(&seconds(window.from)));
        attribute(&self.chart, "aria-valuemax", Some(&seconds(window.to)));
        self.tell(window);
    }

    /// The value under the crosshair, or the latest one.
    fn tell(&self, window: Window) {
        let drawn = self.drawn.borrow();
        let Some(Drawn { picture, .. }) = drawn.as_ref() else { return };
        let row = self.pointed.get().and_then(|time| picture.columns.nearest(time));
        let time = row.and_then(|row| picture.columns.times.get(row).copied());
        let said = match (row, time) {
            (Some(row), Some(time)) => text!(embed.chart.at, time = moment(time), values = picture.sentence(row)),
            _ => picture.told_latest(0).unwrap_or_default(),
        };
        set(&self.readout, &said);
        attribute(&self.chart, "aria-valuetext", Some(&if row.is_some() { said } else { picture.summary() }));
        let now = time.unwrap_or(window.to).clamp(window.from, window.to) / 1_000;
        attribute(&self.chart, "aria-valuenow", Some(&now.to_string()));
    }

    fn point(&self, time: Option<i64>) {
        if self.pointed.replace(time) == time {
            return;
        }
        if let Ok(drawn) = self.drawn.try_borrow()
            && let Some(drawn) = drawn.as_ref()
        {
            let row = time.and_then(|time| drawn.picture.columns.nearest(time));
            drawn.plot.point(row.and_then(|row| drawn.picture.columns.times.get(row).copied()));
        }
        self.tell(self.window(clock::wall().0));
    }

    fn look(&'static self, range: Range) {
        self.range.set(range);
        let now = clock::wall().0;
        if let Ok(drawn) = self.drawn.try_borrow()
            && let Some(drawn) = drawn.as_ref()
        {
            drawn.plot.look(self.window(now));
        }
        self.ask_when_due(now);
    }

    /// Does what a key means; false when it means nothing here.
    fn key_pressed(&'static self, event: &KeyboardEvent) -> bool {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return false;
        }
        let walk = |by: i64| {
            let drawn = self.drawn.borrow();
            let columns = &drawn.as_ref()?.picture.columns;
            let row = self.pointed.get().and_then(|time| columns.nearest(time));
            columns.walk(row, by).and_then(|row| columns.times.get(row).copied())
        };
        let by = match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => -1,
            "ArrowRight" | "ArrowUp" => 1,
            "Home" => i64::MIN,
            "End" => i64::MAX,
            "0" => {
                self.reset();
                return true;
            }
            _ => return false,
        };
        if let Some(time) = walk(by) {
            self.point(Some(time));
        }
        true
    }
}

impl Gestures for &'static Chart {
    fn chosen(self, window: Window) {
        self.look(Range::Fixed(window));
    }

    fn pointed(self, time: Option<i64>) {
        self.point(time);
    }

    fn wheeled(self, factor: f64, around: i64) {
        self.look(Range::Fixed(self.window(clock::wall().0).zoomed(factor, around)));
    }

    fn reset(self) {
        self.look(self.chosen);
    }
}
