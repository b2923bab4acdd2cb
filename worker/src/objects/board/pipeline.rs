//! What the board keeps of its pipeline: counters, in the same commit as the rows that they count.

use super::{Inner, Loaded};
use crate::clock;
use crate::fault::Answer;
use crate::reply;
use heliograph_shared::ingest::IngestAnswer;
use heliograph_shared::pipeline::Report;
use heliograph_shared::rights::Sight;
use heliograph_shared::time::Millis;
use std::collections::HashMap;
use worker::Response;

/// The whole answer to a producer.
pub(super) fn whole(report: Option<&Report>, answer: IngestAnswer) -> IngestAnswer {
    match report {
        None => answer,
        Some(report) => report.merge(answer),
    }
}

impl Loaded {
    /// Counts what the pipeline did with a request; what is written of it, as JSON.
    pub(super) fn counted(&mut self, report: Option<&Report>, now: Millis) -> Answer<Option<String>> {
        let Some(report) = report else { return Ok(None) };
        let mut totals = match self.totals.take() {
            Some(totals) => totals,
            None => self.store.pipeline_totals()?,
        };
        totals.add(&report.steps, now);
        let text = serde_json::to_string(&totals)?;
        self.totals = Some(totals);
        Ok(Some(text))
    }
}

impl Inner {
    /// The counters.
    pub(super) fn pipeline_totals(&self) -> Answer<Response> {
        self.with(|b| Ok(reply::object(200, &b.store.pipeline_totals()?)?))
    }

    /// Counts a request that the pipeline could not take.
    pub(super) fn pipeline_broken(&self, body: &[u8]) -> Answer<Response> {
        let report = Report::decode(body)?;
        self.with(|b| match b.counted(Some(&report), clock::now())? {
            Some(totals) => b.store.put_pipeline_totals(&totals),
            None => Ok(()),
        })?;
        Ok(Response::empty()?)
    }

    /// Items by key, for another board's pipeline.
    pub(super) fn lookup(&self, body: &[u8]) -> Answer<Response> {
        let keys: Vec<String> = serde_json::from_slice(body)?;
        self.with(|b| {
            // A pipeline sees what somebody without the right to manage sees.
            let reader = Sight::default();
            let items = b.sights.items(b.sights.base(&reader), b.core.items());
            let lens = b.sights.lens(&reader);
            let view = |key: &str| {
                let item = items.get(items.find(key)?)?;
                match &lens {
                    None => Some(items.to_json(item, None)),
                    Some(lens) => {
                        let alone = lens.one(items, item)?;
                        alone.iter().next().map(|(_, item)| alone.to_json(item, None))
                    }
                }
            };
            let found: HashMap<&str, _> = keys.iter().filter_map(|key| Some((key.as_str(), view(key)?))).collect();
            Ok(reply::object(200, &found)?)
        })
    }
}
