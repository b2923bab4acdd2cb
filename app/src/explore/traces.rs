//! From the view to questions, and from the answers to lines, charts, a table and CSV. Pure.

use std::sync::Arc;

use heliograph_shared::time::Millis;
use heliograph_shared::views::csv::Csv;
use heliograph_shared::views::sheet::Sheet as _;

use super::catalog::Catalog;
use crate::browser::percent::encode;
use crate::chart::address::{Split, View};
use crate::chart::columns::{self, Columns};
use crate::chart::measure::Measure;
use crate::chart::picture::{LINES_MAX, Level, Line, Picture, Trace, axes, latest};
use crate::chart::series::{Aggregate, Group, Point, Series};
use crate::chart::span::{Step, Window};
use crate::chart::words;
use crate::client::boards::BoardInfo;

/// As many values as a wide screen shows.
const VALUES: i64 = 750;

/// More items than this can't be lines of their own unless some are chosen: the server's limit of groups.
pub const GROUPS_MAX: usize = 200;

/// A view with nothing left open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Only these items; all when empty.
    pub items: Vec<String>,
    /// What is shown of them.
    pub measures: Vec<Measure>,
    /// What of a step's values.
    pub aggregate: Aggregate,
    /// What makes a line of its own.
    pub split: Split,
    /// How long a value is, when the viewer chose.
    pub step: Option<Step>,
    /// Only these values of the field that splits; all when empty.
    pub groups: Vec<String>,
}

impl Plan {
    /// Settles what the viewer left open.
    pub fn of(view: &View, catalog: &Catalog, info: &BoardInfo) -> Self {
        let top = info.top.as_ref().map(|top| Measure::Field(top.field.clone()));
        let top = top.filter(|top| catalog.measures.contains(top));
        let first = || top.or_else(|| catalog.measures.first().cloned()).unwrap_or(Measure::Events);
        let measures = if view.measures.is_empty() { vec![first()] } else { view.measures.clone() };
        let is_crowd = view.items.is_empty() && (catalog.keys.len() > GROUPS_MAX || catalog.has_more);
        let split = if view.split == Split::Key && is_crowd { Split::All } else { view.split.clone() };
        let groups = if matches!(split, Split::Field(_)) { view.groups.clone() } else { Vec::new() };
        Self { items: view.items.clone(), measures, aggregate: view.aggregate, split, step: view.step, groups }
    }

    /// One question for each measure, below the board's address.
    pub fn paths(&self, window: Window) -> Vec<String> {
        let step = self.step.unwrap_or_else(|| window.step(VALUES));
        let window = window.aligned(step);
        let group = match &self.split {
            Split::Key => "group_by=key&".to_owned(),
            Split::All => String::new(),
            Split::Field(name) => format!("group_by={}&", encode(name)),
        };
        let keys: Vec<String> = self.items.iter().map(|key| encode(key)).collect();
        let keys = if keys.is_empty() { String::new() } else { format!("keys={}&", keys.join(",")) };
        let chosen = self.step.map(|step| format!("&step={}", step.name())).unwrap_or_default();
        let path = |measure: &Measure| {
            let field = measure.parameter();
            format!("series?{field}{group}{keys}from={}&to={}{chosen}", window.from, window.to)
        };
        self.measures.iter().map(path).collect()
    }

    /// What of a measure's values is drawn: events have no values, only their number.
    pub fn aggregate_of(&self, measure: &Measure) -> Aggregate {
        match (measure, self.aggregate) {
            (Measure::Events, Aggregate::Rate) => Aggregate::Rate,
            (Measure::Events, _) => Aggregate::Count,
            (Measure::Field(_), aggregate) => aggregate,
        }
    }

    /// Whether the viewer wants to see a group.
    fn shows(&self, group: Option<&str>) -> bool {
        self.groups.is_empty() || self.groups.iter().any(|chosen| Some(chosen.as_str()) == group)
    }

    /// The values that matter of what is drawn of a measure: what is counted or summed up has others.
    fn levels(&self, measure: &Measure, info: &BoardInfo, is_right: bool) -> Vec<Level> {
        match self.aggregate_of(measure) {
            Aggregate::Average | Aggregate::Min | Aggregate::Max | Aggregate::Last => measure.levels(info, is_right),
            Aggregate::Sum | Aggregate::Count | Aggregate::Rate => Vec::new(),
        }
    }

    fn name(&self, group: Option<&str>) -> String {
        match (&self.split, group) {
            (Split::Key | Split::Field(_), Some(name)) if !name.is_empty() => name.to_owned(),
            (Split::Key | Split::Field(_), _) => text!(explore.traces.without).to_owned(),
            (Split::All, _) if self.items.is_empty() => text!(explore.traces.all_items).to_owned(),
            (Split::All, _) => text!(explore.traces.items, n = self.items.len()),
        }
    }
}

/// A chart with what it is called.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// What it is of, with the unit when it has one.
    pub title: String,
    /// What it shows.
    pub picture: Arc<Picture>,
}

/// What there is to see.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// The charts.
    pub panels: Vec<Panel>,
    /// All lines with their full names, for the table and for CSV.
    pub columns: Vec<Column>,
    /// Their values.
    pub rows: Columns,
    /// How long a value is.
    pub step: Option<Step>,
    /// How many groups there are, when not all are shown.
    pub left_out: Option<usize>,
    /// Whether one chart was wanted and can't be: there are more than two units, or too many lines.
    pub is_split: bool,
}

/// A column of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// The line's name.
    pub group: String,
    /// What is measured, with its unit.
    pub measure: String,
    /// Behind its values.
    pub unit: Option<String>,
}

/// The groups to show: those that were chosen, else those with the most behind them, in the order in which they come.
fn shown_groups(plan: &Plan, series: &[Arc<Series>]) -> (Vec<Option<String>>, Option<usize>) {
    let mut known: Vec<(Option<String>, f64)> = Vec::new();
    for group in series.iter().flat_map(|series| &series.groups) {
        let count: f64 = group.points.iter().map(|point| point.count).sum();
        match known.iter_mut().find(|(name, _)| *name == group.group) {
            Some((_, all)) => *all += count,
            None => known.push((group.group.clone(), count)),
        }
    }
    known.retain(|(name, count)| *count > 0.0 && plan.shows(name.as_deref()));
    let all = known.len();
    if all > LINES_MAX {
        let mut counts: Vec<f64> = known.iter().map(|(_, count)| *count).collect();
        counts.sort_by(|a, b| b.total_cmp(a));
        let least = counts.get(LINES_MAX - 1).copied().unwrap_or_default();
        known.retain(|(_, count)| *count >= least);
        known.truncate(LINES_MAX);
    }
    (known.into_iter().map(|(name, _)| name).collect(), (all > LINES_MAX).then_some(all))
}

/// Makes charts and a table of the answers, which stand in the order of the plan's measures.
pub fn results(plan: &Plan, info: &BoardInfo, series: &[Arc<Series>], window: Window, is_together: bool) -> Results {
    let Some(step) = series.first().map(|series| series.step) else { return Results::default() };
    let (groups, left_out) = shown_groups(plan, series);
    let mut found = Results { step: Some(step), left_out, ..Results::default() };
    let mut all: Vec<(usize, Trace)> = Vec::new();
    for (number, (measure, series)) in plan.measures.iter().zip(series).enumerate() {
        let aggregate = plan.aggregate_of(measure);
        let unit = aggregate.unit(measure.unit(info)).map(str::to_owned);
        let label = measure_label(plan, measure, info);
        for (style, group) in groups.iter().enumerate() {
            let points = points_of(&series.groups, group.as_deref());
            let values = columns::values(points, aggregate, step, window);
            let line = Line { name: plan.name(group.as_deref()), unit: unit.clone(), style, is_right: false };
            found.columns.push(Column {
                group: line.name.clone(),
                measure: words::with_unit(&label, unit.as_deref()),
                unit: unit.clone(),
            });
            let latest = if aggregate == Aggregate::Average { latest(points, window) } else { None };
            all.push((number, Trace { line, values, latest }));
        }
    }
    let values: Vec<_> = all.iter().map(|(_, trace)| trace.values.clone()).collect();
    found.rows = Columns::align(&values, step);
    let sides = axes(all.iter().map(|(_, trace)| trace.line.unit.as_deref().unwrap_or_default()));
    let fits = all.len() <= LINES_MAX && sides.is_some();
    found.is_split = is_together && !fits && plan.measures.len() > 1;
    match sides {
        Some(sides) if is_together && fits && plan.measures.len() > 1 => {
            let right: Vec<bool> = (0..plan.measures.len())
                .map(|number| all.iter().zip(&sides).any(|((of, _), is_right)| *of == number && *is_right))
                .collect();
            let from_zero = plan.measures.iter().all(|measure| plan.aggregate_of(measure).counts());
            let traces = all.into_iter().zip(sides).enumerate().map(|(style, ((number, mut trace), is_right))| {
                let label = plan.measures.get(number).map(|measure| measure_label(plan, measure, info));
                trace.line.name = format!("{} · {}", trace.line.name, label.unwrap_or_default());
                trace.line.style = style;
                trace.line.is_right = is_right;
                trace
            });
            let mut levels: Vec<Level> = Vec::new();
            for (number, measure) in plan.measures.iter().enumerate() {
                let is_right = right.get(number).copied().unwrap_or_default();
                levels.extend(plan.levels(measure, info, is_right));
            }
            let picture = Picture::new(traces.collect(), step, from_zero).with_levels(levels);
            found.panels.push(Panel { title: text!(words.all_fields).to_owned(), picture: Arc::new(picture) });
        }
        Some(_) | None => {
            for (number, (measure, series)) in plan.measures.iter().zip(series).enumerate() {
                let aggregate = plan.aggregate_of(measure);
                let traces: Vec<Trace> =
                    all.iter().filter(|(of, _)| *of == number).map(|(_, trace)| trace.clone()).collect();
                let title = words::with_unit(&measure_label(plan, measure, info), aggregate.unit(measure.unit(info)));
                let picture = match (<[Trace; 1]>::try_from(traces), groups.first()) {
                    (Ok([trace]), Some(group)) if aggregate == Aggregate::Average => {
                        Picture::banded(trace.line, points_of(&series.groups, group.as_deref()), step, window)
                    }
                    (Ok([trace]), _) => Picture::new(vec![trace], step, aggregate.counts()),
                    (Err(traces), _) => Picture::new(traces, step, aggregate.counts()),
                };
                let picture = picture.with_levels(plan.levels(measure, info, false));
                found.panels.push(Panel { title, picture: Arc::new(picture) });
            }
        }
    }
    found
}

fn points_of<'g>(groups: &'g [Group], name: Option<&str>) -> &'g [Point] {
    groups.iter().find(|group| group.group.as_deref() == name).map(|group| group.points.as_slice()).unwrap_or_default()
}

/// `Temperature`, or `Temperature, maximum`.
fn measure_label(plan: &Plan, measure: &Measure, info: &BoardInfo) -> String {
    let label = measure.label(info);
    match plan.aggregate_of(measure) {
        aggregate if aggregate == Aggregate::Average || *measure == Measure::Events => label,
        aggregate => text!(explore.traces.aggregate_of, label = label, aggregate = aggregate.label().to_lowercase()),
    }
}

impl Results {
    /// What is seen, as CSV: times in UTC, numbers in full.
    pub fn to_csv(&self) -> Vec<u8> {
        let has_measures =
            self.columns.first().is_some_and(|first| self.columns.iter().any(|c| c.measure != first.measure));
        let name = |column: &Column| {
            if has_measures { format!("{} · {}", column.group, column.measure) } else { column.group.clone() }
        };
        let names: Vec<String> = self.columns.iter().map(name).collect();
        let mut csv = Csv::new(std::iter::once("time").chain(names.iter().map(String::as_str)));
        for row in self.shown_rows() {
            csv.text(&Millis(self.rows.times.get(row).copied().unwrap_or_default()).to_rfc3339());
            for line in &self.rows.lines {
                csv.number(line.get(row).and_then(|spot| spot.value()));
            }
            csv.end_row();
        }
        csv.finish()
    }

    /// The rows with values, in order.
    pub fn shown_rows(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        (0..self.rows.times.len()).filter(|row| self.rows.has_value(*row))
    }
}

#[cfg(test)]
mod tests;
