//! The columns that every board has.

/// What a fixed column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixedKind {
    /// A whole number.
    Whole,
    /// Milliseconds since 1970.
    Time,
    /// A number.
    Number,
    /// Text of at most so many bytes.
    Text(usize),
}

/// A column that every board has.
#[derive(Clone, Copy, Debug)]
pub struct Fixed {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: FixedKind,
    /// Whether every event has it.
    pub always: bool,
}

const fn fixed(name: &'static str, kind: FixedKind, always: bool) -> Fixed {
    Fixed { name, kind, always }
}

/// The columns that every board has, in the order in which a line has them. `epoch` and `seq` together name an event.
pub const FIXED: [Fixed; 12] = [
    fixed("epoch", FixedKind::Whole, true),
    fixed("seq", FixedKind::Whole, true),
    fixed("id", FixedKind::Text(crate::limits::EVENT_ID_BYTES), false),
    fixed("key", FixedKind::Text(crate::limits::KEY_BYTES), true),
    fixed("time", FixedKind::Time, true),
    fixed("accepted_at", FixedKind::Time, true),
    fixed("lat", FixedKind::Number, false),
    fixed("lon", FixedKind::Number, false),
    fixed("heading", FixedKind::Number, false),
    fixed("speed", FixedKind::Number, false),
    fixed("altitude", FixedKind::Number, false),
    fixed("accuracy", FixedKind::Number, false),
];

/// What Parquet has beside them: the names of the fields that an event takes away, as a list in JSON. An empty cell is a field
/// that the event does not mention.
pub const REMOVED: &str = "removed";
