//! The flat exports of Label Studio.
