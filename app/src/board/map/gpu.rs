//! What the GPU draws over the basemap, and the text above it.

pub mod bins;
pub mod frame;
pub mod graticule;
pub mod layer;
pub mod objects;
pub mod overlay;
pub mod shaders;
pub mod style;
pub mod surface;
pub mod upload;
