//! Parts that views are made of.

pub mod bidi;
pub mod rasteriser;
pub mod text;
