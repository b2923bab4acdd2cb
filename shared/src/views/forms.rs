//! Series and events as tables and lines.

use super::columns::{POSITION, field_column, position_part};
use super::csv::Csv;
use super::events::{EventView, EventsPage};
use super::format::Format;
use super::json;
use crate::rollups::answer::{BoardSeries, ItemSeries, Point};
use crate::value::Plain;
use serde_json::{Value, to_value};
use std::collections::BTreeSet;

/// The columns of a point.
const POINT: [&str; 9] = ["time", "count", "sum", "min", "max", "first", "last", "average", "rate"];

/// An item's series in its form. `quantiles` are those that were asked for.
pub fn item_series(format: Format, series: &ItemSeries, quantiles: &[f64]) -> Vec<u8> {
    match format {
        Format::Csv => {
            let mut csv = header(false, quantiles);
            series.points.iter().for_each(|p| point(&mut csv, p, quantiles));
            csv.finish()
        }
        Format::NdJson => json::lines(&series.points),
        Format::Json | Format::GeoJson => whole(series),
    }
}

/// A board's series in its form: in tables and lines each point has its group.
pub fn board_series(format: Format, series: &BoardSeries, quantiles: &[f64]) -> Vec<u8> {
    let points = series.groups.iter().flat_map(|g| g.points.iter().map(|p| (&g.group, p)));
    match format {
        Format::Csv => {
            let mut csv = header(true, quantiles);
            for (group, p) in points {
                csv.text(group.as_deref().unwrap_or_default());
                point(&mut csv, p, quantiles);
            }
            csv.finish()
        }
        Format::NdJson => json::lines(points.map(|(group, p)| {
            let mut line = to_value(p).unwrap_or_default();
            line["group"] = group.as_deref().map_or(Value::Null, Into::into);
            line
        })),
        Format::Json | Format::GeoJson => whole(series),
    }
}

fn whole(answer: &impl serde::Serialize) -> Vec<u8> {
    let mut out = Vec::new();
    json::push(&mut out, answer);
    out
}

fn header(has_groups: bool, quantiles: &[f64]) -> Csv {
    let names: Vec<String> = quantiles.iter().map(|q| format!("q{q}")).collect();
    let group = has_groups.then_some("group");
    Csv::new(group.into_iter().chain(POINT).chain(names.iter().map(String::as_str)))
}

fn point(csv: &mut Csv, p: &Point, quantiles: &[f64]) {
    let number = |v: &Option<Plain>| v.map(|Plain(n)| n);
    csv.whole(p.time.0);
    csv.whole(p.count as i64);
    for value in [p.sum, p.min, p.max, p.first, p.last, p.average] {
        csv.number(number(&value));
    }
    csv.number(p.rate.0);
    for at in 0..quantiles.len() {
        csv.number(p.quantiles.get(at).and_then(number));
    }
    csv.end_row();
}

/// Events in their form. A table has the fields of its own events.
pub fn events(format: Format, page: &EventsPage) -> Vec<u8> {
    match format {
        Format::Csv => table(&page.events),
        Format::NdJson => json::lines(&page.events),
        Format::Json | Format::GeoJson => whole(page),
    }
}

fn table(events: &[EventView]) -> Vec<u8> {
    let own = ["seq", "key", "time", "id"];
    let names: BTreeSet<&str> = events.iter().flat_map(|e| e.fields.keys().map(String::as_str)).collect();
    let columns: Vec<_> =
        names.iter().map(|name| if *name == "id" { "fields.id".into() } else { field_column(name) }).collect();
    let mut csv = Csv::new(own.into_iter().chain(POSITION).chain(columns.iter().map(|c| &**c)));
    for e in events {
        csv.whole(e.seq as i64);
        csv.text(&e.key);
        csv.whole(e.time.0);
        csv.text(e.id.as_deref().unwrap_or_default());
        for part in 0..POSITION.len() {
            csv.number(e.position.as_ref().and_then(|p| position_part(p, part)));
        }
        for name in &names {
            csv.value(e.fields.get(*name).and_then(Option::as_ref));
        }
        csv.end_row();
    }
    csv.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Cursor;
    use crate::rollups::answer::Group;
    use crate::rollups::step::Step;
    use crate::time::Millis;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn points_are_rows_and_carry_their_group() {
        let n = |v: f64| Some(Plain(v));
        let point = Point {
            time: Millis(60_000),
            count: 2,
            sum: n(-3.0),
            min: n(-4.0),
            max: n(1.0),
            first: n(1.0),
            last: n(-4.0),
            average: n(-1.5),
            rate: Plain(0.2),
            quantiles: vec![n(1.0), None],
        };
        let series = BoardSeries {
            cursor: Cursor::default(),
            field: Some("temp".to_owned()),
            step: Step::TenSeconds,
            from: Millis(60_000),
            to: Millis(70_000),
            group_by: Some("route".to_owned()),
            groups: vec![
                Group { group: Some("=8".to_owned()), points: vec![point.clone()] },
                Group { group: None, points: vec![point] },
            ],
        };
        assert_eq!(
            text(board_series(Format::Csv, &series, &[0.5, 0.95])),
            "group,time,count,sum,min,max,first,last,average,rate,q0.5,q0.95\r\n\
             '=8,60000,2,-3,-4,1,1,-4,-1.5,0.2,1,\r\n,60000,2,-3,-4,1,1,-4,-1.5,0.2,1,\r\n"
        );
        let lines = text(board_series(Format::NdJson, &series, &[0.5, 0.95]));
        let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
        assert_eq!((&first["group"], &first["sum"], lines.lines().count()), (&"=8".into(), &(-3).into(), 2));
    }

    #[test]
    fn events_are_rows_with_their_own_fields() {
        let event = EventView {
            seq: 7,
            key: "@v1".to_owned(),
            time: Millis(5),
            id: None,
            position: None,
            fields: [("id".to_owned(), Some(crate::value::Value::Bool(true))), ("gone".to_owned(), None)].into(),
        };
        let page = EventsPage { cursor: Cursor::default(), events: vec![event], next: None };
        let table = text(events(Format::Csv, &page));
        assert!(table.starts_with("seq,key,time,id,position.lat,"), "{table}");
        assert!(table.ends_with(",gone,fields.id\r\n7,'@v1,5,,,,,,,,,true\r\n"), "{table}");
    }
}
