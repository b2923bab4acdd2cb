//! The map of a board: MapLibre for the camera and the basemap, our layer for everything that moves.
//!
//! | behaviour | file |
//! |---|---|
//! | the element, its buttons and notices | `view` |
//! | fences as a map draws them | `fences` |
//! | what the marks mean | `legend` |
//! | what the page may ask of the map, and what it tells | `handle` |
//! | where the camera looks; a frame; what is under the pointer | `handle/camera`, `frame`, `pointer` |
//! | where each mark is and how it moves there | `scene` and its folder |
//! | what the GPU draws | `gpu` and its folder |
//! | the only file that knows MapLibre | `maplibre` |

#[cfg(feature = "bench")]
pub mod bench;
pub mod fences;
pub mod gpu;
pub mod handle;
pub mod legend;
pub mod maplibre;
pub mod scene;
pub mod view;
