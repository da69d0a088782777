//! All integration tests, as one program: linked once.

mod common;
mod sandbox;
mod upload;
