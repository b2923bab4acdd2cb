//! A board given away as a backup, and made of one: adapter around [`heliograph_shared::backup`].
//!
//! Until an import is over there is no board: its rows and how far it is are written page by page, each page at once, and
//! the last one gives the board its config. So whatever is cut off in between, the next page goes on.

use super::Inner;
use super::projections;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::keys::random_u32;
use crate::reply;
use crate::store::board::BoardStore;
use crate::store::config::{ConfigWrite, Stored};
use heliograph_shared::audit::{Act, By, Kind, Noted};
use heliograph_shared::backup::{
    Content, Digest, ExportAsk, FORMAT, Frame, FrameHead, FrameKind, Head, Import, ImportAsk, RowsWriter, Taken, Wrong,
};
use heliograph_shared::config::BoardConfig;
use heliograph_shared::cursor::{Cursor, Epoch, Seq};
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::scores::keeper::Keeper;
use std::rc::Rc;
use worker::Response;

fn wrong(wrong: Wrong) -> Fault {
    Problem::from(wrong).into()
}

fn pruned() -> Fault {
    let detail = "the log's beginning is gone: boards keep it for keep_days and keep_mib of their config. A backup is made of \
                  a whole log";
    Fault::problem(Code::LogPruned, detail)
}

fn board_exists() -> Fault {
    Problem { status: 409, ..Problem::new(Code::BoardExists, "there is a board of this name; nothing was done") }.into()
}

impl Inner {
    /// What a backup begins with, or rows of the log for it.
    pub(super) fn export(&self, by: By, body: &[u8]) -> Answer<Response> {
        let ExportAsk { after, upto } = serde_json::from_slice(body)?;
        match after {
            None => self.export_head(by, upto),
            Some(after) => self.export_rows(after, upto.unwrap_or(limits::SEQ_MAX)),
        }
    }

    fn export_head(&self, by: By, upto: Option<Seq>) -> Answer<Response> {
        let board = self.name()?;
        self.with(|b| {
            let newest = b.core.cursor();
            if b.store.whole_from(newest.seq)? > 1 {
                return Err(pruned());
            }
            let Some(Stored::Here { text, .. }) = b.store.config()? else {
                return Err(Fault::Internal("a board without a config is exported".into()));
            };
            let seq = upto.map_or(Ok(newest.seq), |upto| b.store.row_end(upto.min(newest.seq)))?;
            let cursor = Cursor { seq, ..newest };
            b.note(by, Act::new(Kind::Config, "exported").to(cursor.to_string()))?;
            let config = serde_json::from_str(&text)?;
            let head = Head { format: FORMAT, board, cursor, time: clock::now(), config, new_cursors: false };
            Ok(reply::object(200, &head)?)
        })
    }

    fn export_rows(&self, after: Seq, upto: Seq) -> Answer<Response> {
        self.with(|b| {
            let (mut packed, mut seq) = (RowsWriter::default(), after);
            b.store.read_for_backup(after, upto, |row| {
                if row.first != seq + 1 {
                    return Err(pruned());
                }
                packed.push(row);
                seq = row.last;
                Ok(!packed.is_full())
            })?;
            Ok(reply::typed(200, "application/octet-stream", packed.finish())?)
        })
    }

    fn imported(&self) -> Answer<Option<Import>> {
        if BoardStore::exists(&self.state)? { BoardStore::open(&self.state)?.import() } else { Ok(None) }
    }

    /// An import that is not over.
    pub(super) fn is_importing(&self) -> Answer<bool> {
        Ok(self.imported()?.is_some_and(|import| !import.taken.is_over))
    }

    /// Takes a frame of a backup. One that was taken before is answered the same.
    pub(super) async fn import(self: &Rc<Self>, by: By, body: &[u8]) -> Answer<Response> {
        let ImportAsk { config, frame } = ImportAsk::decode(body)?;
        let head = frame.first_chunk().and_then(|head| FrameHead::read(*head).ok());
        if head.is_some_and(|head| head.kind == FrameKind::End) {
            self.guard().await?;
        }
        let import = if config.is_empty() {
            self.go_on_with_import(by, frame)?
        } else {
            self.begin_import(config, frame).await?
        };
        if import.taken.is_over && !self.arrived().await {
            let detail = "the board is there, but others hear of it only when the registry answers; try again";
            return Err(Fault::registry_away(detail));
        }
        Ok(reply::object(200, &import.progress())?)
    }

    /// Begins, or says how far the same import is.
    async fn begin_import(self: &Rc<Self>, config: &[u8], bytes: &[u8]) -> Answer<Import> {
        let frame = Frame::read(bytes, Digest::start()).map_err(wrong)?;
        let (head, taken) = Taken::begin(&frame).map_err(wrong)?;
        match self.imported()? {
            Some(import) if !import.taken.is_over && import.begun == frame.digest => return Ok(import),
            Some(import) if !import.taken.is_over => {
                let detail = format!(
                    "another backup, of {}, is being imported under this name; delete the board to give that up",
                    import.from
                );
                return Err(Fault::problem(Code::ImportUnfinished, detail));
            }
            Some(import) if import.begun == frame.digest => {
                // Whether it is still what came of it.
                let seq = self.with(|b| Ok(b.core.cursor().seq))?;
                return if seq == import.taken.seq { Ok(import) } else { Err(board_exists()) };
            }
            Some(_) | None => {}
        }
        // A board of before may have its config at the registry.
        if self.settled().await?.is_some() || self.imported()?.is_some() || self.stored()?.is_some() {
            return Err(board_exists());
        }
        let config_text =
            std::str::from_utf8(config).map_err(|_| Fault::Internal("a config that is no text".into()))?;
        let settings = serde_json::from_str::<BoardConfig>(config_text)?.settings();
        let epoch = if head.new_cursors { random_u32()?.max(1) } else { head.cursor.epoch.0 };
        let (from, config) = (head.board.to_string(), config_text.to_owned());
        let import = Import { begun: frame.digest, from, config, epoch, taken };
        BoardStore::open(&self.state)?.begin_import(&import, &settings)?;
        Ok(import)
    }

    fn go_on_with_import(&self, by: By, bytes: &[u8]) -> Answer<Import> {
        let import = self.imported()?.ok_or_else(|| wrong(Wrong::Order))?;
        if Frame::claimed(bytes) == Some(import.taken.digest) {
            return Ok(import);
        }
        if import.taken.is_over {
            return Err(board_exists());
        }
        let frame = Frame::read(bytes, import.taken.digest).map_err(wrong)?;
        let (taken, content) = import.taken.take(&frame).map_err(wrong)?;
        let import = Import { taken, ..import };
        let store = BoardStore::open(&self.state)?;
        match content {
            Content::Rows(rows) => {
                self.fresh_storage().refuse(bytes.len() as u64, || store.bytes() as u64).map_err(Fault::Problem)?;
                store.take_rows(&rows, &import)?;
                build(&store, &import)?;
                Ok(import)
            }
            // They are put where the board is there.
            Content::Part(_) => Err(wrong(Wrong::Order)),
            Content::End => end_import(by, &store, &import),
        }
    }

    /// Gives up an import that is not over.
    pub(super) async fn drop_import(self: &Rc<Self>) -> Answer<Response> {
        if !self.is_importing()? {
            return Err(Fault::no_board(&self.name()?));
        }
        self.drop_all().await?;
        Ok(Response::empty()?.with_status(204))
    }
}

/// Brings what is made from the log up to its end, and writes it: a log may be longer than one request can read. The
/// ranking is made when the board is loaded, as after new rules.
fn build(store: &BoardStore, import: &Import) -> Answer<()> {
    let keeper = Keeper::with_ends(store.settings()?, store.controls()?, store.ends()?, 1);
    projections::present(store, Epoch(import.epoch), &keeper)?.write_all(store)
}

/// All is there: the board gets its config.
fn end_import(by: By, store: &BoardStore, import: &Import) -> Answer<Import> {
    let config: BoardConfig = serde_json::from_str(&import.config)?;
    let cursor = Cursor { epoch: Epoch(import.epoch), seq: import.taken.seq };
    let act = Act::new(Kind::Config, "imported").from(import.from.as_str()).to(cursor.to_string());
    let settings = config.settings();
    let version = super::config::next_version(None);
    let write = ConfigWrite { text: &import.config, version, settings: &settings, archive: None, delivered: None };
    let over = Import { config: String::new(), ..import.clone() };
    store.whole().of(|| {
        store.note(&Noted { by, act, boards: Vec::new() }, clock::now())?;
        store.put_import(&over)?;
        store.put_config(&write)
    })?;
    Ok(over)
}
