//! Pictures of boards become what people see: read back by a PNG library, pixel by pixel.
#![expect(clippy::unwrap_used, reason = "a test")]

use heliograph_picture::Painter;
use heliograph_shared::position::{Measured, Position};
use heliograph_shared::preview::{FONT, HEIGHT, Panel, Preview, WIDTH};
use heliograph_shared::time::Millis;

/// A picture's pixels, four bytes each.
struct Pixels {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

fn pixels(svg: &str) -> Pixels {
    let png = Painter::default().png(svg.as_bytes()).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    Pixels { width: info.width, height: info.height, bytes }
}

impl Pixels {
    fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let from = (y * self.width + x) as usize * 4;
        self.bytes[from..from + 3].try_into().unwrap()
    }

    /// How many pixels of a stretch are not like its first one.
    fn marked(&self, (left, top): (u32, u32), (right, bottom): (u32, u32)) -> usize {
        let ground = self.at(left, top);
        (top..bottom)
            .flat_map(|y| (left..right).map(move |x| (x, y)))
            .filter(|(x, y)| self.at(*x, *y) != ground)
            .count()
    }
}

fn svg(title: &str, positions: &[Position]) -> String {
    let at = Millis(1_772_366_461_000);
    Preview { title, description: "", items: Some(2), at, panel: Panel::Map(positions) }.svg()
}

#[test]
fn a_title_and_items_are_drawn_where_they_belong() {
    let place = |lat, lon| Measured { lat, lon, ..Measured::default() }.check().unwrap();
    let picture = pixels(&svg("Fleet", &[place(30.2, -97.8), place(30.3, -97.7)]));
    assert_eq!((picture.width, picture.height), (WIDTH, HEIGHT));
    assert!(picture.marked((50, 50), (300, 110)) > 1_000, "letters of the title");
    let empty = pixels(&svg("", &[]));
    assert_eq!(empty.marked((50, 50), (300, 110)), 0, "no title");
    // The blue of marks: the one item is in the south west, the other one in the north east.
    let blue = [0x0a, 0x5c, 0xba];
    let dots: Vec<(u32, u32)> =
        (220..540).flat_map(|y| (80..1_120).map(move |x| (x, y))).filter(|(x, y)| picture.at(*x, *y) == blue).collect();
    assert!(dots.len() > 100);
    assert!(dots.iter().all(|(x, y)| (*x < 600) == (*y > 376)), "south west or north east of the middle");
}

#[test]
fn letters_of_the_scripts_that_are_promised_are_in_the_font() {
    let mut fonts = resvg::usvg::fontdb::Database::new();
    fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
    let face = fonts.faces().next().unwrap();
    assert_eq!(face.families[0].0, FONT);
    // Each text is drawn unlike one of letters that no font has.
    let width = |text: &str| pixels(&svg(text, &[])).marked((50, 50), (1_000, 110));
    for text in ["Zażółć gęślą jaźń", "Ελληνικά", "Автобусы", "£ € – “x” …"] {
        assert!(width(text) > 500, "{text}");
    }
}

#[test]
fn what_is_no_picture_or_too_large_is_refused_with_a_reason() {
    let painter = Painter::default();
    assert!(painter.png(b"no picture").is_err());
    let large = r#"<svg xmlns="http://www.w3.org/2000/svg" width="5000" height="5000"/>"#;
    assert!(painter.png(large.as_bytes()).unwrap_err().contains("5000 by 5000"));
    assert!(painter.png(&vec![b' '; heliograph_picture::SVG_BYTES + 1]).unwrap_err().contains("bytes"));
}

#[test]
fn nothing_outside_of_a_picture_is_part_of_it() {
    let svg = |inside: &str| {
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="60" height="60">{inside}</svg>"#
        )
    };
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../app/public/icon-192.png");
    for href in [file, "https://elsewhere.example/a.png"] {
        let picture = pixels(&svg(&format!(r#"<image href="{href}" width="60" height="60"/>"#)));
        assert_eq!(picture.marked((0, 0), (60, 60)), 0, "{href}");
    }
}
