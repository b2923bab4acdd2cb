//! Which part of the world to show.

/// The smallest box, `[west, south, east, north]`, that holds all places (latitude, longitude). When they lie on both
/// sides of the antimeridian, the east is beyond 180.
pub fn bounds_of(places: impl Iterator<Item = (f64, f64)>) -> Option<[f64; 4]> {
    let mut lons = Vec::new();
    let (mut south, mut north) = (f64::MAX, f64::MIN);
    for (lat, lon) in places {
        lons.push(lon);
        south = south.min(lat);
        north = north.max(lat);
    }
    lons.sort_by(f64::total_cmp);
    let (&first, &last) = (lons.first()?, lons.last()?);
    // The box leaves out the widest empty stretch around the globe.
    let around = first + 360.0 - last;
    let widest = lons.windows(2).filter_map(|pair| match pair {
        [a, b] => Some((b - a, *a, *b)),
        _ => None,
    });
    let (gap, before, after) = widest.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, last, first));
    Some(if gap > around { [after, south, before + 360.0, north] } else { [first, south, last, north] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_is_the_small_one() {
        assert_eq!(bounds_of(std::iter::empty()), None);
        assert_eq!(bounds_of([(1.0, 2.0)].into_iter()), Some([2.0, 1.0, 2.0, 1.0]));
        assert_eq!(bounds_of([(1.0, 2.0), (-3.0, 10.0)].into_iter()), Some([2.0, -3.0, 10.0, 1.0]));
        assert_eq!(bounds_of([(0.0, 179.0), (5.0, -178.0)].into_iter()), Some([179.0, 0.0, 182.0, 5.0]));
    }
}
