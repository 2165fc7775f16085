//! Arguments → the window, or one headless command.
fn main() {}
