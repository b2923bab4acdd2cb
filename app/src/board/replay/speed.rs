//! How many times faster than life a replay goes.

/// A speed that can be chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speed {
    /// As it was.
    One,
    /// Ten times.
    Ten,
    /// A minute in a second.
    #[default]
    Sixty,
    /// Five minutes in a second.
    ThreeHundred,
    /// Ten minutes in a second.
    SixHundred,
}

impl Speed {
    /// From the slowest on.
    pub const ALL: [Self; 5] = [Self::One, Self::Ten, Self::Sixty, Self::ThreeHundred, Self::SixHundred];

    /// How many times faster than life.
    pub const fn times(self) -> u16 {
        match self {
            Self::One => 1,
            Self::Ten => 10,
            Self::Sixty => 60,
            Self::ThreeHundred => 300,
            Self::SixHundred => 600,
        }
    }

    /// The speed of a number in the address.
    pub fn of(times: &str) -> Option<Self> {
        let times: u16 = times.parse().ok()?;
        Self::ALL.into_iter().find(|speed| speed.times() == times)
    }

    /// Whether marks jump: a glide would be minutes of true time behind.
    pub const fn jumps(self) -> bool {
        self.times() >= 300
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_speed_is_read_as_it_is_written() {
        for speed in Speed::ALL {
            assert_eq!(Speed::of(&speed.times().to_string()), Some(speed));
        }
        assert_eq!((Speed::of("61"), Speed::of(""), Speed::of("-1")), (None, None, None));
    }
}
