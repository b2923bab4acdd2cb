//! A budget for rows that are kept while there is room: by count and by bytes, the oldest make room.

use std::collections::VecDeque;

/// What is kept, the oldest first: each row's number and bytes.
#[derive(Clone, Debug)]
pub struct Space {
    rows: VecDeque<(u64, u32)>,
    bytes: u64,
    most_rows: usize,
    most_bytes: u64,
    /// Whether a row has made room for another.
    full: bool,
}

impl Space {
    /// A budget, and what is stored already, in the order of the numbers.
    pub fn new(most_rows: usize, most_bytes: u64, stored: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let mut space = Self { rows: VecDeque::new(), bytes: 0, most_rows, most_bytes, full: false };
        stored.into_iter().for_each(|(id, bytes)| space.put(id, bytes));
        space
    }

    /// Up to which number rows must go before rows of these sizes come; none when all fit. The newest always fit: what is
    /// larger than the budget stands alone.
    pub fn make_room(&self, coming: &[usize]) -> Option<u64> {
        let mut bytes = self.bytes + coming.iter().map(|b| *b as u64).sum::<u64>();
        let mut rows = self.rows.len() + coming.len();
        let mut up_to = None;
        for (id, size) in &self.rows {
            if bytes <= self.most_bytes && rows <= self.most_rows {
                break;
            }
            bytes -= u64::from(*size);
            rows -= 1;
            up_to = Some(*id);
        }
        up_to
    }

    /// A row has come.
    pub fn put(&mut self, id: u64, bytes: u64) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.rows.push_back((id, bytes));
        self.bytes += u64::from(bytes);
    }

    /// Whether a row has made room for another since this was made.
    pub const fn is_full(&self) -> bool {
        self.full
    }

    /// Rows up to this number have gone.
    pub fn dropped(&mut self, up_to: u64) {
        self.full = true;
        while let Some((_, bytes)) = self.rows.pop_front_if(|(id, _)| *id <= up_to) {
            self.bytes -= u64::from(bytes);
        }
    }

    /// A row has another size now.
    pub fn resized(&mut self, id: u64, bytes: u64) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        if let Ok(i) = self.rows.binary_search_by_key(&id, |(id, _)| *id)
            && let Some((_, size)) = self.rows.get_mut(i)
        {
            self.bytes = self.bytes - u64::from(*size) + u64::from(bytes);
            *size = bytes;
        }
    }

    /// How many rows are kept.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Their bytes.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}
