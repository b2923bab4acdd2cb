//! A board's log into a file.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use heliograph_shared::backup::{Digest, Frame, FrameKind, Head, MAGIC, Taken, Wrong, write};
use heliograph_shared::cursor::Seq;
use indicatif::{ProgressBar, ProgressStyle};

use super::{file, parts, patient};
use crate::error::CliError;
use crate::http::{self, Api};

/// What to export, and where to.
#[derive(Debug)]
pub struct Wish {
    /// The board.
    pub board: String,
    /// The file.
    pub file: PathBuf,
    /// No row that ends after this number.
    pub upto: Option<Seq>,
    /// Whether a file that was begun is gone on with.
    pub resume: bool,
    /// Whether a file that is there may be overwritten.
    pub force: bool,
}

fn wrong(wrong: &Wrong) -> CliError {
    CliError::failed(format!("the server's answer can't be part of a backup: {wrong}"))
}

/// Shows on standard error how far something is.
pub fn bar(all: Seq) -> ProgressBar {
    let bar = ProgressBar::new(all);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {human_pos} of {human_len}, {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// A file that is being written.
struct Output {
    to: File,
    path: PathBuf,
    taken: Taken,
}

impl Output {
    fn failed(path: &Path, error: &std::io::Error) -> CliError {
        CliError::failed(format!("{} can't be written: {error}", path.display()))
    }

    /// A new file that begins with this head.
    fn begin(wish: &Wish, head: &Head) -> Result<Self, CliError> {
        let mut options = OpenOptions::new();
        options.write(true).truncate(true).create(true).create_new(!wish.force);
        let mut to = options.open(&wish.file).map_err(|error| {
            if error.kind() != std::io::ErrorKind::AlreadyExists {
                return Self::failed(&wish.file, &error);
            }
            let path = wish.file.display();
            CliError::usage(format!("{path} is there: --resume goes on with it, --force overwrites it"))
        })?;
        let payload = serde_json::to_vec(head).map_err(|error| CliError::failed(error.to_string()))?;
        let (bytes, _) = write(FrameKind::Head, &payload, Digest::start()).map_err(|e| wrong(&e))?;
        let frame = Frame::read(&bytes, Digest::start()).map_err(|e| wrong(&e))?;
        let (_, taken) = Taken::begin(&frame).map_err(|e| wrong(&e))?;
        let written = to.write_all(MAGIC).and_then(|()| to.write_all(&bytes));
        written.map_err(|error| Self::failed(&wish.file, &error))?;
        Ok(Self { to, path: wish.file.clone(), taken })
    }

    /// A file that was begun, without what is cut off.
    fn go_on(path: &Path, begun: &file::Begun) -> Result<Self, CliError> {
        let open = || {
            let mut to = OpenOptions::new().write(true).open(path)?;
            to.set_len(begun.bytes)?;
            to.seek(SeekFrom::End(0))?;
            Ok(to)
        };
        let to = open().map_err(|error| Self::failed(path, &error))?;
        Ok(Self { to, path: path.to_owned(), taken: begun.taken })
    }

    /// Writes a frame, checked as whoever reads it will.
    fn add(&mut self, kind: FrameKind, payload: &[u8]) -> Result<(), CliError> {
        let (bytes, _) = write(kind, payload, self.taken.digest).map_err(|e| wrong(&e))?;
        let frame = Frame::read(&bytes, self.taken.digest).map_err(|e| wrong(&e))?;
        let (taken, _) = self.taken.take(&frame).map_err(|e| wrong(&e))?;
        self.to.write_all(&bytes).map_err(|error| Self::failed(&self.path, &error))?;
        self.taken = taken;
        Ok(())
    }

    fn add_json(&mut self, kind: FrameKind, value: &impl serde::Serialize) -> Result<(), CliError> {
        let payload = serde_json::to_vec(value).map_err(|error| CliError::failed(error.to_string()))?;
        self.add(kind, &payload)
    }
}

/// Writes the file.
pub async fn run(api: &Api, wish: &Wish) -> Result<(), CliError> {
    let path = ["v1", "boards", wish.board.as_str(), "export"];
    let upto = wish.upto.map(|seq| seq.to_string());
    let query: Vec<(&str, &str)> = upto.iter().map(|upto| ("upto", upto.as_str())).collect();
    let shown = wish.file.display();
    let asked: Head = http::read(patient::get(api, &path, &query).await?.json()?)?;
    let (head, mut out) = if wish.resume && wish.file.exists() {
        let begun = file::begun(&wish.file)?;
        if begun.is_whole {
            say!("{shown} is whole already");
            return Ok(());
        }
        if (&begun.head.board, begun.head.cursor.epoch) != (&asked.board, asked.cursor.epoch) {
            return Err(CliError::failed(format!("{shown} was begun with another board, or another life of it")));
        }
        let out = Output::go_on(&wish.file, &begun)?;
        (begun.head, out)
    } else {
        let out = Output::begin(wish, &asked)?;
        (asked, out)
    };
    let bar = bar(head.cursor.seq);
    let upto = head.cursor.seq.to_string();
    while out.taken.seq < head.cursor.seq {
        bar.set_position(out.taken.seq);
        let after = out.taken.seq.to_string();
        let page = patient::get(api, &path, &[("after", &after), ("upto", &upto)]).await?;
        out.add(FrameKind::Rows, &page.body)?;
    }
    bar.finish_and_clear();
    for part in parts::gather(api, &head.board).await? {
        out.add_json(FrameKind::Part, &part)?;
    }
    let end = out.taken.end();
    out.add_json(FrameKind::End, &end)?;
    out.to.sync_all().map_err(|error| Output::failed(&wish.file, &error))?;
    // As it lies on the disk.
    let checked = file::check(&wish.file, file::Upto::End)?;
    say!("{shown}: {checked}");
    Ok(())
}
