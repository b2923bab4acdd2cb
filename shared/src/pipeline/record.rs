//! An event in a pipeline.

use crate::event::Event;

/// An event in a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The place of its record in the request.
    pub place: u32,
    /// The event as it is by now.
    pub event: Event,
    /// The places of all records that it was made of, where it is several.
    pub members: Vec<u32>,
}

impl Record {
    /// The places of the records that it was made of.
    pub fn places(&self) -> Vec<u32> {
        if self.members.is_empty() { vec![self.place] } else { self.members.clone() }
    }

    /// Of how many records it was made.
    pub fn weight(&self) -> u32 {
        self.members.len().max(1) as u32
    }
}
