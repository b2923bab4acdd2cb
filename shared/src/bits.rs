//! A set of small numbers.

/// A growable bit set over item numbers.
#[derive(Clone, Debug, Default)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// Whether `n` is in the set.
    pub fn has(&self, n: u32) -> bool {
        self.0.get((n >> 6) as usize).is_some_and(|w| w >> (n & 63) & 1 == 1)
    }

    /// Puts `n` in or takes it out; true when that changed the set.
    pub fn set(&mut self, n: u32, there: bool) -> bool {
        let word = (n >> 6) as usize;
        if word >= self.0.len() {
            if !there {
                return false;
            }
            self.0.resize(word + 1, 0);
        }
        let Some(w) = self.0.get_mut(word) else { return false };
        let before = *w;
        *w = if there { before | 1 << (n & 63) } else { before & !(1 << (n & 63)) };
        *w != before
    }

    /// Empties the set.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn set_tells_whether_it_changed() {
        let mut b = Bits::default();
        assert!(!b.set(700, false));
        assert!(b.set(700, true));
        assert!(!b.set(700, true));
        assert!(b.has(700) && !b.has(699));
        assert!(b.set(700, false));
        assert!(!b.has(700));
    }
}
