//! Rows of a backup that can be read are packed the same, and a frame of them is read back.
#![no_main]

use heliograph_shared::backup::{Digest, Frame, FrameKind, Part, RowsWriter, read_rows, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(frame) = Frame::read(bytes, Digest::start()) {
        let _ = Part::read(frame.payload);
    }
    let Ok(rows) = read_rows(bytes) else { return };
    let mut packed = RowsWriter::default();
    for (row, _) in &rows {
        packed.push(row);
    }
    let packed = packed.finish();
    assert_eq!(packed, bytes);
    let Ok((frame, digest)) = write(FrameKind::Rows, &packed, Digest::start()) else { return };
    let read = Frame::read(&frame, Digest::start());
    assert_eq!(read, Ok(Frame { kind: FrameKind::Rows, payload: &packed, digest }));
});
