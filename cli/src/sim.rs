//! A made-up fleet that moves believably. Pure: steps and a seed in, positions out; the command sends them.

pub mod fleet;
pub mod layers;
pub mod network;
pub mod vehicle;
