//! The map of a board: MapLibre for the camera and the basemap, our layer for everything that moves.
//!
//! | behaviour | file |
//! |---|---|
//! | the element, its buttons and notices | `view` |
//! | fences as a map draws them | `fences` |
//! | lines and rings across ±180° | `antimeridian` |
//! | streets under the items, from an archive of tiles | `streets` and its folder |
//! | layers under the items: which, how, and their switches | `layers` and its folder |
//! | how many items are shown: each by itself, clusters, hexagons | `density` and its folder |
//! | what the marks mean | `legend` |
//! | what the page may ask of the map, and what it tells | `handle` |
//! | where the camera looks; a frame; what is under the pointer; streets; layers; groups | `handle/camera`, `frame`, `pointer`, `streets`, `ground`, `together` |
//! | where each mark is and how it moves there | `scene` and its folder |
//! | what the GPU draws | `gpu` and its folder |
//! | the only files that know MapLibre | `maplibre`, `maplibre/sources` for GeoJSON, `maplibre/tiles` for archives |

pub mod antimeridian;
#[cfg(feature = "bench")]
pub mod bench;
pub mod density;
pub mod fences;
pub mod gpu;
pub mod handle;
pub mod layers;
pub mod legend;
pub mod maplibre;
pub mod scene;
pub mod streets;
pub mod view;
