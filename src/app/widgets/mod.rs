//! Parts that views are made of.

pub mod rasteriser;
