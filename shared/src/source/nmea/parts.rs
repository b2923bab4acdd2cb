//! Messages of AIS that come in parts.

use super::sentence::Line;
use super::{ais, invalid};
use crate::source::Slice;
use aivdm::{Channel, Sentence};
use std::collections::HashMap;

/// What parts of one message have in common: their sequence number, their channel, and how many there are.
type Group = (Option<u8>, u8, u8);

/// A message's parts have numbers of one digit.
const PARTS: u8 = 9;

/// Parts whose message is not whole yet. There are never more than there are lines in the request.
#[derive(Default)]
pub(super) struct Parts<'a> {
    open: HashMap<Group, Vec<(Line<'a>, Sentence<'a>)>>,
}

impl<'a> Parts<'a> {
    /// Takes a sentence. The record of its message is put to the others when it is whole.
    pub(super) fn take(&mut self, line: &Line<'a>, slices: &mut Vec<Slice<'a>>) {
        let sentence = match Sentence::parse(line.sentence) {
            Ok(sentence) if sentence.fragment_count <= PARTS => sentence,
            Ok(_) => return slices.push(refused(&[line], format!("a message has at most {PARTS} parts"))),
            Err(why) => return slices.push(refused(&[line], format!("the sentence can't be read: {why}"))),
        };
        if sentence.fragment_count == 1 {
            slices.extend(ais::slice(&[*line], sentence.payload, sentence.fill_bits, sentence.is_own_ship));
            return;
        }
        let channel = match sentence.channel {
            Channel::A => b'A',
            Channel::B => b'B',
            Channel::Other(other) => other,
        };
        let group = (sentence.seq_id, channel, sentence.fragment_count);
        let parts = self.open.entry(group).or_default();
        if parts.iter().any(|(_, part)| part.fragment_number == sentence.fragment_number) {
            // The numbers begin anew after nine messages: a part of the one before was lost.
            slices.push(incomplete(&std::mem::take(parts)));
        }
        parts.push((*line, sentence));
        if parts.len() < usize::from(group.2) {
            return;
        }
        let mut parts = self.open.remove(&group).unwrap_or_default();
        parts.sort_by_key(|(_, part)| part.fragment_number);
        let payload: Vec<u8> = parts.iter().flat_map(|(_, part)| part.payload.iter().copied()).collect();
        let lines: Vec<Line<'a>> = parts.iter().map(|(line, _)| *line).collect();
        let last = parts.last().map(|(_, part)| (part.fill_bits, part.is_own_ship)).unwrap_or_default();
        slices.extend(ais::slice(&lines, &payload, last.0, last.1));
    }

    /// What is not whole at the end of a request never will be.
    pub(super) fn end(self, slices: &mut Vec<Slice<'a>>) {
        let mut open: Vec<_> = self.open.into_iter().collect();
        open.sort_by_key(|(group, _)| *group);
        slices.extend(open.iter().map(|(_, parts)| incomplete(parts)));
    }
}

fn incomplete<'a>(parts: &[(Line<'a>, Sentence<'a>)]) -> Slice<'a> {
    let lines: Vec<&Line<'a>> = parts.iter().map(|(line, _)| line).collect();
    let all = parts.first().map_or(0, |(_, part)| part.fragment_count);
    let message = format!("{} of the message's {all} parts came; send all parts in one request", parts.len());
    refused(&lines, message)
}

/// A record that is none.
fn refused<'a>(lines: &[&Line<'a>], message: String) -> Slice<'a> {
    let raw = lines.iter().map(|line| line.whole).collect::<Vec<_>>().join("\n");
    Slice { refused: Some(invalid("sentence", message)), ..Slice::new(raw) }
}
