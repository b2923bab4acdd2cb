//! Standard output that may be closed: `heliograph tail … | head` must end quietly, and `println!` would panic.

use std::fmt;
use std::io::{self, Write as _};

/// Writes a line to standard output and flushes it.
pub fn line(text: fmt::Arguments<'_>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// `println!` that does not mind when nobody reads.
macro_rules! say {
    ($($part:tt)*) => {{
        let _ = $crate::output::line(format_args!($($part)*));
    }};
}
