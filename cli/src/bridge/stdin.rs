//! Standard input: a message a line.

use bytes::Bytes;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, Lines};

use super::reader::{Fault, Message, Reader, Record, Work};

/// Lines of something.
#[derive(Debug)]
pub struct Stdin<I> {
    lines: Lines<I>,
    number: u64,
}

impl<I: AsyncBufRead + Unpin> Stdin<I> {
    /// Reads from here.
    pub fn new(input: I) -> Self {
        Self { lines: input.lines(), number: 0 }
    }
}

impl<I: AsyncBufRead + Unpin + Send> Reader for Stdin<I> {
    type Position = u64;

    fn name(&self) -> String {
        "standard input".to_owned()
    }

    async fn open(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Message<u64>>, Fault> {
        let line =
            self.lines.next_line().await.map_err(|error| {
                Fault::Fatal(format!("cannot read standard input after line {}: {error}", self.number))
            })?;
        let Some(line) = line else { return Ok(None) };
        self.number += 1;
        let text = line.trim_start_matches('\u{feff}').trim();
        let work = if text.is_empty() {
            Work::Pass
        } else {
            Work::Event(Record { payload: Bytes::copy_from_slice(text.as_bytes()), ..Record::default() })
        };
        Ok(Some(Message { position: self.number, work }))
    }

    async fn commit(&mut self, _: Vec<u64>) -> Result<(), Fault> {
        Ok(())
    }

    async fn close(&mut self) {}
}
