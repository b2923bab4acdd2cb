//! Bodies of requests, counted while they are read: what is declared too long is not read at all, and what turns out to
//! be is given up. Either way at most one piece more than the limit is in memory, of each and of all together.

use crate::clock;
use crate::fault::{Answer, Fault};
use crate::outbound::told;
use flate2::read::MultiGzDecoder;
use heliograph_shared::ingest::too_large;
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, FieldError, Problem, read_json};
use heliograph_shared::routes::Route;
use heliograph_shared::under_way::{Ticket, UnderWay};
use js_sys::{Function, Promise, Reflect, Uint8Array};
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::io::Read;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStream, ReadableStreamByobReader, ReadableStreamGetReaderOptions, ReadableStreamReaderMode};
use worker::Request;

/// Bytes that are asked for at once.
const PIECE_BYTES: u32 = 64 * 1024;
/// The same of a body that is dropped.
const DROP_BYTES: u32 = 256 * 1024;

thread_local! {
    static UNDER_WAY: RefCell<UnderWay> = const { RefCell::new(UnderWay::new(limits::BODIES_BYTES, limits::BODY_MILLIS)) };
}

/// A body's place among those that this isolate has under way.
pub struct Place(Ticket);

impl Place {
    /// A place for something that holds nothing yet.
    pub fn new() -> Self {
        Self(UNDER_WAY.with_borrow_mut(|all| all.enter(clock::now())))
    }

    /// The body has so many bytes by now; 503 when there is no room for them.
    pub fn holds(&self, bytes: usize) -> Answer<()> {
        // Small ones are many, and always taken: a connection costs more.
        if bytes <= limits::REQUEST_BYTES || UNDER_WAY.with_borrow_mut(|all| all.holds(clock::now(), self.0, bytes)) {
            return Ok(());
        }
        let detail = "too much is being sent at once; nothing of this request was taken";
        Err(Problem::new(Code::Overloaded, detail).retry_after(1).into())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        UNDER_WAY.with_borrow_mut(|all| all.leave(self.0));
    }
}

/// The body of a request, in its place among those under way.
pub struct Body {
    /// What was sent.
    pub bytes: Vec<u8>,
    /// Its place, as long as it is needed.
    pub place: Place,
}

/// The body of a request on a route, of at most as many bytes as the route takes; more is 413.
pub async fn read(req: &Request, route: Route) -> Answer<Body> {
    read_or(req, route, &mut Vec::new()).await
}

/// The same; of a body that is too long the beginning is left in `beginning`.
async fn read_or(req: &Request, route: Route, beginning: &mut Vec<u8>) -> Answer<Body> {
    let most = route.row().body_bytes.unwrap_or(0);
    let Some(stream) = req.inner().body() else { return Ok(Body { bytes: Vec::new(), place: Place::new() }) };
    let declared = req.headers().get("content-length")?.and_then(|v| v.parse::<usize>().ok());
    let mut pieces = Pieces::of(&stream);
    let millis = limits::BODY_MILLIS.unsigned_abs();
    let read = clock::within(millis, read_pieces(&mut pieces, declared, most, beginning)).await;
    match read {
        Some(Ok(body)) => Ok(body),
        Some(Err(refused)) => {
            if beginning.is_empty()
                && let Ok(Some(piece)) = pieces.next().await
            {
                keep_beginning(beginning, &piece.to_vec());
            }
            pieces.drop_rest().await;
            Err(refused)
        }
        None => Err(Fault::problem(Code::BodyBroken, format!("the body did not come within {millis} ms"))),
    }
}

fn keep_beginning(beginning: &mut Vec<u8>, bytes: &[u8]) {
    beginning.extend_from_slice(bytes.get(..limits::DEAD_LETTER_CUT_BYTES).unwrap_or(bytes));
}

async fn read_pieces(
    pieces: &mut Pieces,
    declared: Option<usize>,
    most: usize,
    beginning: &mut Vec<u8>,
) -> Answer<Body> {
    let place = Place::new();
    let check = |bytes: usize| {
        if bytes > most {
            let detail = format!("the body has at most {most} bytes; nothing of it was taken");
            return Err(Fault::problem(Code::BodyTooLarge, detail));
        }
        place.holds(bytes)
    };
    if let Some(declared) = declared.filter(|declared| *declared > most) {
        check(declared)?;
    }
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await? {
        let (start, end) = (bytes.len(), bytes.len() + piece.length() as usize);
        if let Err(refused) = check(end) {
            keep_beginning(beginning, &bytes);
            return Err(refused);
        }
        // What is declared is believed once a part of it has come: a buffer that grows is there twice.
        if let Some(declared) = declared.filter(|_| bytes.capacity() < end) {
            bytes.reserve_exact(declared.min(4 * end).max(end) - start);
        }
        bytes.resize(end, 0);
        if let Some(free) = bytes.get_mut(start..) {
            piece.copy_to(free);
        }
    }
    Ok(Body { bytes, place })
}

/// The same, unpacked where it is gzip, and never more than `most` in memory.
pub async fn unpacked(req: &Request, route: Route, most: usize) -> Answer<Body> {
    unpacked_or(req, route, most, &mut Vec::new()).await
}

/// The same; of a body that is too long, or packed wrongly, the beginning is left in `beginning`.
pub async fn unpacked_or(req: &Request, route: Route, most: usize, beginning: &mut Vec<u8>) -> Answer<Body> {
    let encoding = req.headers().get("content-encoding")?.unwrap_or_default().to_ascii_lowercase();
    let body = match read_or(req, route, beginning).await {
        Ok(body) => body,
        Err(refused) => {
            if matches!(encoding.as_str(), "gzip" | "x-gzip") {
                // As much as can be unpacked of it.
                let packed = std::mem::take(beginning);
                let most = limits::DEAD_LETTER_CUT_BYTES as u64;
                let _ = MultiGzDecoder::new(packed.as_slice()).take(most).read_to_end(beginning);
            }
            return Err(refused);
        }
    };
    let body = match encoding.as_str() {
        "" | "identity" => body,
        "gzip" | "x-gzip" => {
            let Body { bytes, place } = body;
            let packed = bytes.len();
            let mut out = Vec::new();
            // One byte more than allowed is enough to know, however much the archive would unpack to.
            if let Err(e) = MultiGzDecoder::new(bytes.as_slice()).take(most as u64 + 1).read_to_end(&mut out) {
                // Some say that they pack, and do not.
                keep_beginning(beginning, if out.is_empty() { &bytes } else { &out });
                let detail = format!("the body is not valid gzip: {e}; nothing was taken");
                return Err(Fault::problem(Code::InvalidGzip, detail));
            }
            if out.len() <= most {
                place.holds(packed + out.len())?;
            }
            Body { bytes: out, place }
        }
        other => {
            let detail = format!("Content-Encoding {other} is not taken here; send gzip or none");
            return Err(Fault::problem(Code::UnsupportedEncoding, detail));
        }
    };
    if body.bytes.len() > most {
        keep_beginning(beginning, &body.bytes);
        return Err(too_large(most).into());
    }
    Ok(body)
}

/// The same as JSON.
pub async fn json<T: DeserializeOwned>(req: &Request, route: Route) -> Answer<T> {
    parse(&read(req, route).await?.bytes)
}

/// The same, where a body without anything in it says nothing.
pub async fn json_or_default<T: DeserializeOwned + Default>(req: &Request, route: Route) -> Answer<T> {
    let Body { bytes, .. } = read(req, route).await?;
    if bytes.trim_ascii().is_empty() { Ok(T::default()) } else { parse(&bytes) }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    read_json(bytes).map_err(|(field, message)| {
        let place = if field.is_empty() { String::new() } else { format!("{field}: ") };
        let detail = format!("the body is not understood: {place}{message}");
        Problem::new(Code::InvalidJson, detail).with_errors(vec![FieldError::new(field, Code::Invalid, message)]).into()
    })
}

/// The pieces of a body, all in the same buffer: a body of 100 MB leaves nothing behind.
struct Pieces {
    reader: ReadableStreamByobReader,
    buffer: Uint8Array,
}

impl Pieces {
    fn of(stream: &ReadableStream) -> Self {
        let options = ReadableStreamGetReaderOptions::new();
        options.set_mode(ReadableStreamReaderMode::Byob);
        let reader = stream.get_reader_with_options(&options).unchecked_into();
        Self { reader, buffer: Uint8Array::new_with_length(PIECE_BYTES) }
    }

    /// The next piece, until another is asked for.
    async fn next(&mut self) -> Answer<Option<Uint8Array>> {
        let failed = |e| Fault::problem(Code::BodyBroken, format!("the body could not be read: {}", told(e)));
        let read = JsFuture::from(self.reader.read_with_array_buffer_view(&self.buffer)).await.map_err(failed)?;
        let Some(piece) = Reflect::get(&read, &"value".into()).ok().and_then(|v| v.dyn_into::<Uint8Array>().ok())
        else {
            return Ok(None);
        };
        if piece.length() == 0 {
            return Ok(None);
        }
        // The buffer that was handed over comes back with the piece.
        self.buffer = Uint8Array::new(&piece.buffer());
        Ok(Some(piece))
    }

    /// Reads what a client is still sending and drops it, up to a limit: one that is hung up on while it sends never
    /// reads the answer. In few and large pieces, by the platform's own `readAtLeast`: each read makes objects.
    async fn drop_rest(self) {
        let Ok(read) = Reflect::get(&self.reader, &"readAtLeast".into()).and_then(JsCast::dyn_into::<Function>) else {
            return;
        };
        let mut buffer = Uint8Array::new_with_length(DROP_BYTES);
        let mut dropped = 0;
        while dropped < limits::DRAIN_BYTES {
            let promise = read.call2(&self.reader, &DROP_BYTES.into(), &buffer).and_then(JsCast::dyn_into::<Promise>);
            let Ok(promise) = promise else { return };
            let Ok(piece) = JsFuture::from(promise).await else { return };
            let Some(piece) = Reflect::get(&piece, &"value".into()).ok().and_then(|v| v.dyn_into::<Uint8Array>().ok())
            else {
                return;
            };
            // The last piece is shorter.
            if piece.length() < DROP_BYTES {
                return;
            }
            dropped += piece.length() as usize;
            buffer = Uint8Array::new(&piece.buffer());
        }
    }
}
