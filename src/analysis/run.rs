//! Computes the sections of an [`Analysis`].
