//! A board as a file: exported, checked and imported, frame by frame.

pub mod export;
pub mod file;
pub mod import;
mod parts;
mod patient;
