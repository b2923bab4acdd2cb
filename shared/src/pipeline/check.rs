//! What is wrong with a pipeline, each error with its place in the config.

use super::config::{Aggregate, Derive, Enrich, Filter, Formula, Map, Step, StepKind};
use super::units;
use crate::id::check_field_name;
use crate::limits;
use crate::problem::{Code, FieldError};
use crate::scores::rule::condition_errors;
use crate::value::Value;
use std::collections::BTreeMap;

/// Gathers what is wrong, each with its place.
struct Errors {
    list: Vec<FieldError>,
}

impl Errors {
    fn check(&mut self, ok: bool, field: impl Into<String>, code: Code, message: &str) {
        if !ok {
            let field = field.into();
            let message = format!("{field} {message}");
            self.list.push(FieldError::new(field, code, message));
        }
    }

    fn names<'n>(&mut self, names: impl IntoIterator<Item = &'n String>, at: &str) {
        for (count, name) in names.into_iter().enumerate() {
            if count == limits::PIPELINE_NAMES {
                let message = format!("names at most {} fields", limits::PIPELINE_NAMES);
                return self.check(false, at, Code::TooMany, &message);
            }
            self.check(check_field_name(name).is_ok(), at, Code::Invalid, "names fields of 1 to 64 bytes");
        }
    }

    fn jq(&mut self, code: Option<&String>, at: &str) {
        let most = limits::JQ_PROGRAM_BYTES;
        let fits = code.is_none_or(|c| !c.trim().is_empty() && c.len() <= most);
        self.check(fits, format!("{at}.jq"), Code::Invalid, &format!("is a program of 1 to {most} bytes"));
    }

    fn number(&mut self, n: f64, at: String) {
        self.check(n.is_finite() && n.abs() <= 1e15, at, Code::OutOfRange, "is a number within ±10^15");
    }

    fn decimals(&mut self, decimals: Option<u8>, at: &str) {
        let ok = decimals.is_none_or(|d| d <= 12);
        self.check(ok, format!("{at}.decimals"), Code::OutOfRange, "is 0 to 12");
    }

    fn map(&mut self, map: &Map, at: &str) {
        self.jq(map.jq.as_ref(), at);
        let lists = map.number.len() + map.scale.len() + map.rename.len() + map.set.len();
        let some = lists + map.only.len() + map.drop.len() > 0;
        self.check(
            some != map.jq.is_some(),
            at,
            Code::Invalid,
            "has jq, or some of number, scale, rename, set, only, drop",
        );
        self.names(&map.number, &format!("{at}.number"));
        self.names(map.scale.keys(), &format!("{at}.scale"));
        for (name, scale) in &map.scale {
            let place = format!("{at}.scale.{name}");
            self.number(scale.factor, format!("{place}.factor"));
            self.number(scale.offset, format!("{place}.offset"));
            self.decimals(scale.decimals, &place);
        }
        self.names(map.rename.iter().flat_map(|(from, to)| [from, to]), &format!("{at}.rename"));
        let targets: std::collections::BTreeSet<&String> = map.rename.values().collect();
        let once = targets.len() == map.rename.len();
        self.check(once, format!("{at}.rename"), Code::Duplicate, "gives two fields the same name");
        self.names(map.set.keys(), &format!("{at}.set"));
        let sized = map.set.values().all(|v| !matches!(v, Value::Text(t) if t.len() > limits::TEXT_VALUE_BYTES));
        self.check(sized, format!("{at}.set"), Code::TooLong, "has texts of at most 1,024 bytes");
        self.names(&map.only, &format!("{at}.only"));
        self.names(&map.drop, &format!("{at}.drop"));
    }

    fn filter(&mut self, filter: &Filter, at: &str) {
        self.jq(filter.jq.as_ref(), at);
        let given = [filter.jq.is_some(), !filter.keep.is_empty(), !filter.drop.is_empty()];
        let one = given.into_iter().filter(|g| *g).count() == 1;
        self.check(one, at, Code::Invalid, "has one of keep, drop and jq");
        self.list.extend(condition_errors(&filter.keep, &format!("{at}.keep")));
        self.list.extend(condition_errors(&filter.drop, &format!("{at}.drop")));
    }

    fn enrich(&mut self, enrich: &Enrich, at: &str) {
        let one = enrich.table.is_some() != enrich.board.is_some();
        self.check(one, at, Code::Invalid, "has one of table and board");
        self.names([&enrich.by], &format!("{at}.by"));
        self.names(&enrich.fields, &format!("{at}.fields"));
        let prefix_ok =
            enrich.prefix.len() <= limits::FIELD_NAME_BYTES / 2 && !enrich.prefix.chars().any(char::is_control);
        self.check(prefix_ok, format!("{at}.prefix"), Code::Invalid, "has at most 32 bytes and no control characters");
        for (row, fields) in enrich.table.iter().flatten() {
            let place = format!("{at}.table");
            let key_ok = !row.is_empty() && row.len() <= limits::TEXT_VALUE_BYTES;
            self.check(key_ok, &*place, Code::Invalid, "has rows under 1 to 1,024 bytes");
            let fields_ok = fields.iter().all(|(name, value)| {
                check_field_name(name).is_ok() && !matches!(value, Value::Text(t) if t.len() > limits::TEXT_VALUE_BYTES)
            });
            let message = format!("has a row {:?} whose names or texts are too long", crate::problem::excerpt(row));
            self.check(fields_ok && fields.len() <= limits::FIELDS_PER_EVENT, &*place, Code::TooLong, &message);
        }
    }

    fn derive(&mut self, derive: &Derive, at: &str) {
        self.jq(derive.jq.as_ref(), at);
        self.check(derive.fields.is_empty() == derive.jq.is_some(), at, Code::Invalid, "has one of fields and jq");
        self.names(derive.fields.keys(), &format!("{at}.fields"));
        for (name, formula) in &derive.fields {
            self.formula(formula, &format!("{at}.fields.{name}"));
        }
    }

    fn formula(&mut self, f: &Formula, at: &str) {
        let given =
            [f.of.is_some(), !f.sum.is_empty(), f.difference.is_some(), !f.product.is_empty(), f.ratio.is_some()];
        let one = given.into_iter().filter(|g| *g).count() == 1;
        self.check(one, at, Code::Invalid, "has one of of, sum, difference, product and ratio");
        let pairs = f.difference.iter().chain(&f.ratio).flatten();
        self.names(f.of.iter().chain(&f.sum).chain(&f.product).chain(pairs), at);
        let units_ok = match (&f.from, &f.to) {
            (None, None) => true,
            (Some(from), Some(to)) => units::convert(0.0, from, to).is_some(),
            _ => false,
        };
        let message = format!("and from are two units of one kind, of {}", units::NAMES);
        self.check(units_ok, format!("{at}.to"), Code::UnknownUnit, &message);
        self.number(f.factor.unwrap_or(1.0), format!("{at}.factor"));
        self.number(f.offset.unwrap_or(0.0), format!("{at}.offset"));
        self.decimals(f.decimals, at);
    }

    fn aggregate(&mut self, a: &Aggregate, at: &str) {
        let every_ok = (1..=86_400).contains(&a.every_s);
        self.check(every_ok, format!("{at}.every_s"), Code::OutOfRange, "is 1 to 86,400 seconds");
        self.names(a.fields.keys().chain(&a.count), &format!("{at}.fields"));
        for (name, ops) in &a.fields {
            let place = format!("{at}.fields.{name}");
            self.check(
                !ops.is_empty(),
                &*place,
                Code::Missing,
                "has at least one of count, sum, min, max, avg and last",
            );
            let distinct: std::collections::BTreeSet<_> = ops.iter().collect();
            self.check(distinct.len() == ops.len(), &*place, Code::Duplicate, "names each operation once");
            let fits = name.len() + "_count".len() <= limits::FIELD_NAME_BYTES;
            self.check(fits, place, Code::TooLong, "is too long a name to stand before _count");
        }
    }
}

/// What is wrong with a pipeline.
pub fn pipeline_errors(steps: &[Step]) -> Vec<FieldError> {
    let mut errors = Errors { list: Vec::new() };
    let most = limits::PIPELINE_STEPS;
    errors.check(steps.len() <= most, "pipeline", Code::TooMany, &format!("has at most {most} steps"));
    let rows: usize = steps.iter().filter_map(|s| s.enrich.as_ref()?.table.as_ref()).map(BTreeMap::len).sum();
    let most = limits::PIPELINE_TABLE_ROWS;
    errors.check(rows <= most, "pipeline", Code::TooMany, &format!("has at most {most} rows in its tables"));
    let boards = steps.iter().filter(|s| s.enrich.as_ref().is_some_and(|e| e.board.is_some())).count();
    let most = limits::PIPELINE_BOARDS;
    errors.check(
        boards <= most,
        "pipeline",
        Code::TooMany,
        &format!("looks into other boards in at most {most} steps"),
    );
    for (i, step) in steps.iter().enumerate().take(limits::PIPELINE_STEPS) {
        let at = format!("pipeline[{i}]");
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let named = !step.name.is_empty() && step.name.len() <= 40 && step.name.chars().all(word);
        errors.check(named, format!("{at}.name"), Code::Invalid, "is 1 to 40 of letters, digits, _ and -");
        let once = steps.iter().filter(|o| o.name == step.name).count() == 1;
        errors.check(once, format!("{at}.name"), Code::Duplicate, "stands for one step only");
        match step.kind() {
            None => errors.check(false, at, Code::Invalid, "has one of map, filter, enrich, derive and aggregate"),
            Some(StepKind::Map(map)) => errors.map(map, &format!("{at}.map")),
            Some(StepKind::Filter(filter)) => errors.filter(filter, &format!("{at}.filter")),
            Some(StepKind::Enrich(enrich)) => errors.enrich(enrich, &format!("{at}.enrich")),
            Some(StepKind::Derive(derive)) => errors.derive(derive, &format!("{at}.derive")),
            Some(StepKind::Aggregate(aggregate)) => errors.aggregate(aggregate, &format!("{at}.aggregate")),
        }
    }
    errors.list
}
