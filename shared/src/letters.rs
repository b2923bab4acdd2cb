//! Dead letters as a board keeps them: found by a filter, counted by reason, mended, and replayed.
//!
//! A row of the store has the letters of one request: a JSON array, in which `null` stands where a letter was. Beside it
//! stands what is counted of it, so that nothing large is read to count or to look. A mended record has a row of its own:
//! the letter keeps the record as it came.

mod again;
mod filter;
mod kept;
mod replay;
mod row;
mod seen;

pub use again::{Again, Candidate, Candidates, program_input};
pub use filter::{LetterFilter, LetterQuery, LetterWish};
pub use kept::{Kept, LetterId, Mend, Of, shown, version};
pub use replay::{Became, Fate, Tried, became};
pub use row::{Counted, LetterRow, counts, parts};
pub use seen::{SeenLetters, hash, nth};

#[cfg(test)]
mod tests;
