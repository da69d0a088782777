//! The report as a page for people: one file with no script, nothing from elsewhere, and a bounded
//! size however large the job is.
//!
//! | part | duty |
//! |---|---|
//! | `series` | the timelines of all runs as intervals of equal length |
//! | `charts`, `histogram`, `gantt` | numbers to drawings; pure |
//! | `axis` | round numbers to mark an axis at |
//! | `svg` | shapes and words, escaped |
//! | `figures` | numbers in words |
//! | `document` | makes the page and writes it |
//! | `page`, `lists` | what the template is filled with |
//! | `page.html`, `page.css` | the page itself |
//!
//! Texts from files and servers pass `text::plain` (no control or bidirectional character) and then
//! the template's or `svg`'s escaping.

mod axis;
mod charts;
mod document;
mod figures;
mod gantt;
mod histogram;
mod lists;
mod page;
mod series;
mod svg;
#[cfg(test)]
mod tests;

pub use document::{claim, write, write_to};
pub use page::About;
