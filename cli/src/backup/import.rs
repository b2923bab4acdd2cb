//! A file into a board.

use std::path::PathBuf;

use heliograph_shared::api::backup::ImportProgress;
use heliograph_shared::backup::{Content, Digest, End, FrameKind, Head, RowsWriter, Taken, Wrong, write};
use heliograph_shared::cursor::Cursor;
use heliograph_shared::time::Millis;
use reqwest::Method;

use super::export::bar;
use super::file::{self, Checked, FileError, Frames, Upto};
use super::{parts, patient};
use crate::error::CliError;
use crate::http::Api;

/// What to import, and as what.
#[derive(Debug)]
pub struct Wish {
    /// The file.
    pub file: PathBuf,
    /// The board's name, where it is another.
    pub name: Option<String>,
    /// Up to where.
    pub upto: Upto,
    /// Whether no cursor of before is to be good.
    pub new_cursors: bool,
    /// Whether an import that was begun is given up first.
    pub restart: bool,
}

fn wrong(wrong: &Wrong) -> CliError {
    CliError::failed(format!("the file can't be sent: {wrong}"))
}

/// Sends the frames of what is taken of a file. Those that the board has are left out.
struct Sender<'a> {
    api: &'a Api,
    board: &'a str,
    /// The digest of the last frame that was made.
    digest: Digest,
    /// What the board has.
    progress: ImportProgress,
    /// Whether the last frame that it has was not made yet.
    is_behind: bool,
}

impl<'a> Sender<'a> {
    async fn begin(api: &'a Api, board: &'a str, head: &Head) -> Result<Self, CliError> {
        let payload = serde_json::to_vec(head).map_err(|error| CliError::failed(error.to_string()))?;
        let (frame, digest) = write(FrameKind::Head, &payload, Digest::start()).map_err(|e| wrong(&e))?;
        let progress = patient::import(api, board, frame).await?;
        let is_behind = progress.digest != digest.to_string();
        Ok(Self { api, board, digest, progress, is_behind })
    }

    async fn send(&mut self, kind: FrameKind, payload: &[u8]) -> Result<(), CliError> {
        let (frame, digest) = write(kind, payload, self.digest).map_err(|e| wrong(&e))?;
        self.digest = digest;
        if !self.is_behind {
            self.progress = patient::import(self.api, self.board, frame).await?;
        } else if self.progress.digest == digest.to_string() {
            self.is_behind = false;
        }
        Ok(())
    }
}

/// What is taken of a frame's rows, packed; none when it is nothing.
fn packed(content: &Content<'_>, payload: &[u8], kept: End) -> Option<Vec<u8>> {
    let Content::Rows(rows) = content else { return None };
    if rows.last().is_some_and(|(row, _)| row.last <= kept.places) {
        return Some(payload.to_vec());
    }
    let mut some = RowsWriter::default();
    rows.iter().filter(|(row, _)| row.last <= kept.places).for_each(|(row, _)| some.push(row));
    (!some.is_empty()).then(|| some.finish())
}

/// The head of what is taken: cursors of a board that is set back would lead past other events.
fn head_of(checked: &Checked, new_cursors: bool) -> Head {
    let cursor = Cursor { seq: checked.kept.places, ..checked.head.cursor };
    let is_set_back = checked.kept.rows < checked.taken.rows;
    Head { cursor, new_cursors: new_cursors || is_set_back, ..checked.head.clone() }
}

/// Makes the board; whether all that goes with it was taken.
pub async fn run(api: &Api, wish: &Wish) -> Result<bool, CliError> {
    let checked = file::check(&wish.file, wish.upto)?;
    let head = head_of(&checked, wish.new_cursors);
    let board = wish.name.as_deref().unwrap_or(head.board.as_str());
    if checked.kept.rows < checked.taken.rows {
        let at = checked.last_at.map_or_else(|| "nothing".to_owned(), Millis::to_rfc3339);
        eprintln!("taking {} of {} rows, the last of {at}", checked.kept.rows, checked.taken.rows);
    }
    if wish.restart {
        give_up(api, board, &head).await?;
    }
    let mut sender = Sender::begin(api, board, &head).await?;
    if !sender.progress.done {
        let bar = bar(head.cursor.seq);
        let failed = |error: FileError| CliError::failed(format!("{}: {error}", wish.file.display()));
        let mut frames = Frames::of(&wish.file).map_err(failed)?;
        let first = frames.next_frame().map_err(failed)?.ok_or_else(|| wrong(&Wrong::CutOff))?;
        let (_, mut taken) = Taken::begin(&first).map_err(|e| wrong(&e))?;
        while taken.seq < head.cursor.seq {
            let frame = frames.next_frame().map_err(failed)?.ok_or_else(|| wrong(&Wrong::CutOff))?;
            let (then, content) = taken.take(&frame).map_err(|e| wrong(&e))?;
            if let Some(payload) = packed(&content, frame.payload, checked.kept) {
                sender.send(FrameKind::Rows, &payload).await?;
            }
            taken = then;
            bar.set_position(taken.seq);
        }
        let end = serde_json::to_vec(&checked.kept).map_err(|error| CliError::failed(error.to_string()))?;
        sender.send(FrameKind::End, &end).await?;
        bar.finish_and_clear();
    }
    if !sender.progress.done {
        let detail = "the board has rows that this file does not have: begin anew with --restart";
        return Err(CliError::failed(detail));
    }
    say!("board {board} is there, at {}", sender.progress.cursor);
    let refused = parts::put(api, board, &checked.parts).await?;
    if checked.head.config.get("archive").is_some_and(|archive| !archive.is_null()) {
        say!(
            "delivery to object storage is off: put `archive` into the board's config when the board before delivers no more"
        );
    }
    Ok(refused == 0)
}

/// Gives up an import that is not over. A board that is there stays.
async fn give_up(api: &Api, board: &str, head: &Head) -> Result<(), CliError> {
    let path = ["v1", "boards", board];
    if api.look(&path, &[]).await?.is_success() {
        return Err(CliError::failed(format!("there is a board {board}: --restart gives up imports, not boards")));
    }
    let answer =
        api.send_once(Method::DELETE, &path, &[], &[], None).await.map_err(|reason| api.unreachable(&reason))?;
    if !answer.is_success() && answer.status != 404 {
        return Err(api.refusal(&answer));
    }
    eprintln!("beginning anew with {}", head.board);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::backup::{BackupRow, FORMAT, Frame};
    use heliograph_shared::cursor::Epoch;
    use heliograph_shared::id::BoardName;
    use heliograph_shared::scores::control::{Action, Control};
    use serde_json::json;

    /// A file's frames: a head and rows in two frames, ten minutes apart.
    fn file() -> tempfile::NamedTempFile {
        let head = Head {
            format: FORMAT,
            board: BoardName::try_from("fleet").unwrap(),
            cursor: Cursor { epoch: Epoch(7), seq: 4 },
            time: Millis(9_000_000),
            config: json!({"title": "Fleet"}),
            new_cursors: false,
        };
        let what = Action::EndItems { keys: vec!["a".into()] };
        let bytes = Control { at: Millis(0), by: "admin".into(), what }.encode();
        let mut all = heliograph_shared::backup::MAGIC.to_vec();
        let mut digest = Digest::start();
        let mut add = |kind, payload: &[u8]| {
            let (frame, then) = write(kind, payload, digest).unwrap();
            digest = then;
            all.extend(frame);
        };
        add(FrameKind::Head, &serde_json::to_vec(&head).unwrap());
        for seqs in [1..3, 3..5_u64] {
            let mut rows = RowsWriter::default();
            for seq in seqs {
                let at = Millis(seq.cast_signed() * 600_000);
                rows.push(&BackupRow { first: seq, last: seq, at, owner: "", bytes: &bytes });
            }
            add(FrameKind::Rows, &rows.finish());
        }
        add(FrameKind::End, &serde_json::to_vec(&End { rows: 4, places: 4 }).unwrap());
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), all).unwrap();
        file
    }

    #[test]
    fn all_of_a_file_keeps_its_cursor_and_a_part_of_it_gets_another() {
        let file = file();
        for (upto, seq, new) in [
            (Upto::End, 4, false),
            (Upto::parse("e7:4").unwrap(), 4, false),
            (Upto::parse("e7:3").unwrap(), 3, true),
            (Upto::Time(Millis(1_200_000)), 2, true),
            (Upto::Time(Millis(0)), 0, true),
        ] {
            let checked = file::check(file.path(), upto).unwrap();
            let head = head_of(&checked, false);
            assert_eq!((head.cursor.seq, head.new_cursors), (seq, new), "{upto:?}");
            assert!(head_of(&checked, true).new_cursors);
        }
        assert!(Upto::parse("yesterday").is_err());
    }

    #[test]
    fn a_frame_is_cut_in_the_middle() {
        let file = file();
        let mut frames = Frames::of(file.path()).unwrap();
        let (_, taken) = Taken::begin(&frames.next_frame().unwrap().unwrap()).unwrap();
        let frame = frames.next_frame().unwrap().unwrap();
        let content = taken.take(&frame).unwrap().1;
        assert_eq!(packed(&content, frame.payload, End { rows: 2, places: 2 }).as_deref(), Some(frame.payload));
        let half = packed(&content, frame.payload, End { rows: 1, places: 1 }).unwrap();
        let (bytes, _) = write(FrameKind::Rows, &half, taken.digest).unwrap();
        let half = taken.take(&Frame::read(&bytes, taken.digest).unwrap()).unwrap().0;
        assert_eq!((half.rows, half.seq), (1, 1));
        assert_eq!(packed(&content, frame.payload, End { rows: 0, places: 0 }), None);
    }

    #[test]
    fn a_file_that_is_cut_off_is_gone_on_with_and_a_changed_one_is_not() {
        let file = file();
        let whole = std::fs::read(file.path()).unwrap();
        assert!(file::begun(file.path()).unwrap().is_whole);
        let last = whole.len() - 1;
        std::fs::write(file.path(), &whole[..last]).unwrap();
        let begun = file::begun(file.path()).unwrap();
        assert_eq!((begun.taken.seq, begun.is_whole), (4, false));
        assert!(file::check(file.path(), Upto::End).unwrap_err().to_string().contains("cut off"));
        std::fs::write(file.path(), &whole[..begun.bytes as usize - 1]).unwrap();
        assert_eq!(file::begun(file.path()).unwrap().taken.seq, 2);
        let mut changed = whole;
        changed[begun.bytes as usize - 40] ^= 1;
        std::fs::write(file.path(), &changed).unwrap();
        assert!(file::begun(file.path()).is_err() && file::check(file.path(), Upto::End).is_err());
        std::fs::write(file.path(), "key,time\na,1\n").unwrap();
        assert!(file::check(file.path(), Upto::End).unwrap_err().to_string().contains("no backup"));
    }
}
