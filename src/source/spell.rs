//! How a walked path is written into a cell: safe for spreadsheets, and back again.
//!
//! The rule, in full:
//! - A path that is UTF-8 is written as it is, except that one which begins with what a spreadsheet
//!   takes for a formula (`=`, `+`, `-`, `@`, TAB, CR, LF) or with `%:` gets `./` in front, which
//!   names the same file.
//! - A path that is not UTF-8 is written as `%:` and then the path, with each byte that is not part
//!   of a UTF-8 character, and each `%`, as `%XX`.
//!
//! So a cell that begins with `%:` is decoded, any other is the path. Manifest cells are never
//! touched by this.

use std::path::Path;

/// Marks a cell in which `%XX` stands for a byte.
const MARK: &str = "%:";

/// The cell for a path.
pub(super) fn spell(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    let Ok(text) = str::from_utf8(bytes) else {
        return encode(bytes);
    };
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if formula || text.starts_with(MARK) {
        format!("./{text}")
    } else {
        text.to_owned()
    }
}

fn encode(bytes: &[u8]) -> String {
    let mut cell = MARK.to_owned();
    for chunk in bytes.utf8_chunks() {
        cell.push_str(&chunk.valid().replace('%', "%25"));
        cell.extend(chunk.invalid().iter().map(|byte| format!("%{byte:02X}")));
    }
    cell
}

#[cfg(all(test, unix))]
mod tests;
