//! `derive`: numbers made of others.

use super::map::{rounded, scaled};
use crate::cleaned::Cleaner;
use crate::event::Event;
use crate::pipeline::config::{Derive, Formula};
use crate::pipeline::draft::{Draft, number_of, path};
use crate::pipeline::exact::Exact;
use crate::pipeline::units;
use crate::problem::{Code, FieldError};
use crate::value::Value;
use std::ops::{Add, Div, Mul, Sub};

/// Adds what the formulas make. All see the event as it came: none sees what another made.
pub fn derive(event: Event, rules: &Derive, cleaner: &mut Cleaner) -> Result<Event, FieldError> {
    let mut made = Vec::with_capacity(rules.fields.len());
    for (name, formula) in &rules.fields {
        if let Some(number) = compute(&event, formula)? {
            if !number.is_finite() {
                let message = format!("{name} comes out beyond all numbers");
                return Err(FieldError::new(path(name), Code::NotFinite, message));
            }
            made.push((name, number + 0.0));
        }
    }
    let mut draft = Draft::new(event);
    for (name, number) in made {
        draft.set(name, Value::Number(number))?;
    }
    draft.finish(cleaner)
}

/// What numbers make with exact decimals, or else with doubles.
fn exactly(a: f64, b: f64, exact: fn(Exact, Exact) -> Exact, plain: fn(f64, f64) -> f64) -> f64 {
    exact(Exact::of(a), Exact::of(b)).number().unwrap_or_else(|| plain(a, b))
}

fn compute(event: &Event, f: &Formula) -> Result<Option<f64>, FieldError> {
    let fold = |names: &[String], begin: f64, exact: fn(Exact, Exact) -> Exact, plain: fn(f64, f64) -> f64| {
        let mut all = Some(begin);
        for name in names {
            let number = number_of(event, name)?;
            all = all.zip(number).map(|(a, b)| exactly(a, b, exact, plain));
        }
        Ok::<_, FieldError>(all)
    };
    let pair = |[a, b]: &[String; 2]| Ok::<_, FieldError>(number_of(event, a)?.zip(number_of(event, b)?));
    let made = if let Some(name) = &f.of {
        number_of(event, name)?
    } else if let Some(names) = &f.difference {
        pair(names)?.map(|(a, b)| exactly(a, b, Exact::sub, f64::sub))
    } else if let Some(names) = &f.ratio {
        pair(names)?.filter(|(_, b)| *b != 0.0).map(|(a, b)| exactly(a, b, Exact::over, f64::div))
    } else if !f.product.is_empty() {
        fold(&f.product, 1.0, Exact::mul, f64::mul)?
    } else {
        fold(&f.sum, 0.0, Exact::add, f64::add)?
    };
    let Some(mut number) = made else { return Ok(None) };
    if let (Some(from), Some(to)) = (&f.from, &f.to) {
        number = units::convert(number, from, to).unwrap_or(number);
    }
    number = scaled(number, f.factor.unwrap_or(1.0), f.offset.unwrap_or(0.0));
    Ok(Some(rounded(number, f.decimals)))
}
