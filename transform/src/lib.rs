//! A worker script of its own: runs the jq programs of pipelines and views.
//!
//! It knows nothing of boards. [`program`] compiles and runs, [`wire`] is how the other scripts ask and are answered,
//! and what JavaScript calls is in `exports`. What keeps a program within bounds is around this crate: `index.js`
//! gives each request a budget of steps, which the build counts in every function and loop (`meter.wat`).

pub mod program;
pub mod wire;

#[cfg(target_arch = "wasm32")]
mod exports;
