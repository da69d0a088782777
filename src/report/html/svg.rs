//! A drawing: shapes placed across in percent and down in pixels, so that it fills any width and its
//! words keep their size. Knows no chart.

use std::fmt::{self, Write as _};

use super::axis;
use super::figures::{real, time};

#[derive(Debug)]
pub(super) struct Drawing {
    out: String,
}

/// Which part of a word stands at its place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Text as HTML and SVG take it, in attributes too.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

impl Drawing {
    /// Begins a drawing; `words` describe it for screen readers.
    pub(super) fn new(height: f64, words: &str) -> Self {
        let mut out = String::new();
        let words = Escaped(words);
        // Writing to a string cannot fail, here and below.
        let _ = write!(
            out,
            "<svg class=\"chart\" width=\"100%\" height=\"{height}\" role=\"img\" aria-label=\"{words}\">"
        );
        Self { out }
    }

    /// A rectangle from `x` over `width` percent; `title` shows under the mouse.
    pub(super) fn bar(&mut self, class: &str, x: [f64; 2], y: [f64; 2], title: &str) {
        let ([x, width], [y, height]) = (x.map(short), y.map(short));
        let _ = write!(
            self.out,
            "<rect class=\"{class}\" x=\"{x}%\" y=\"{y}\" width=\"{width}%\" height=\"{height}\">\
             <title>{}</title></rect>",
            Escaped(title)
        );
    }

    /// A line across at `y`.
    pub(super) fn across(&mut self, class: &str, y: f64) {
        let y = short(y);
        let _ = write!(
            self.out,
            "<line class=\"{class}\" x1=\"0\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/>"
        );
    }

    /// A line down at `x` percent.
    pub(super) fn down(&mut self, class: &str, x: f64, y: [f64; 2]) {
        let (x, [from, to]) = (short(x), y.map(short));
        let _ = write!(
            self.out,
            "<line class=\"{class}\" x1=\"{x}%\" x2=\"{x}%\" y1=\"{from}\" y2=\"{to}\"/>"
        );
    }

    pub(super) fn words(&mut self, x: f64, y: f64, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y, text) = (short(x), short(y), Escaped(text));
        let _ = write!(
            self.out,
            "<text x=\"{x}%\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    /// Words that begin at `x` percent, of a class.
    pub(super) fn note(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let (x, y, text) = (short(x), short(y), Escaped(text));
        let _ = write!(
            self.out,
            "<text class=\"{class}\" x=\"{x}%\" y=\"{y}\">{text}</text>"
        );
    }

    /// The round moments of this time, below `y`: the drawing's width is all of it.
    pub(super) fn moments(&mut self, [from, to]: [u64; 2], y: f64) {
        for at in axis::moments(from, to) {
            let x = 100.0 * real(at - from) / real((to - from).max(1));
            let anchor = match x {
                x if x < 3.0 => Anchor::Start,
                x if x > 97.0 => Anchor::End,
                _ => Anchor::Middle,
            };
            self.down("tick", x, [y, y + 4.0]);
            let words = if at == 0 { "0".to_owned() } else { time(at) };
            self.words(x, y + 15.0, anchor, &words);
        }
    }

    /// A word to the left of the drawing, level with `y`.
    pub(super) fn level(&mut self, y: f64, text: &str) {
        let (y, text) = (short(y + 4.0), Escaped(text));
        let _ = write!(
            self.out,
            "<text x=\"0\" dx=\"-8\" y=\"{y}\" text-anchor=\"end\">{text}</text>"
        );
    }

    /// Steps of equal width over the whole drawing: each has a foot and a top, in pixels.
    pub(super) fn steps(&mut self, class: &str, height: f64, steps: &[[f64; 2]]) {
        if steps.is_empty() {
            return;
        }
        let mut path = String::new();
        for (i, [_, top]) in steps.iter().enumerate() {
            let command = if i == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{command}{i} {top}H{}", i + 1, top = short(*top));
        }
        for (i, [foot, _]) in steps.iter().enumerate().rev() {
            let _ = write!(path, "L{} {foot}H{i}", i + 1, foot = short(*foot));
        }
        let _ = write!(
            self.out,
            "<svg width=\"100%\" height=\"{height}\" viewBox=\"0 0 {} {height}\" \
             preserveAspectRatio=\"none\"><path class=\"{class}\" d=\"{path}Z\"/></svg>",
            steps.len()
        );
    }

    pub(super) fn done(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }
}

/// Two digits behind the point: less than a tenth of a pixel.
fn short(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
