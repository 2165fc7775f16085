//! Parts that views are made of.

pub mod bidi;
pub mod fact;
pub mod forest;
pub mod heatmap;
pub mod icon;
pub mod lasso;
pub mod paint;
pub mod palette;
pub mod rasteriser;
pub mod svg;
pub mod table;
pub mod text;
pub mod theme;
