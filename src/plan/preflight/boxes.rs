//! The boxes at the top of an ISO media file (MP4, MOV, M4A; ISO 14496-12, 4.2): whether the one
//! that says how to play it is there, and whether they end where the file does.
//!
//! Seeks from head to head, and never reads what a box holds.

use std::io::{self, Read, Seek, SeekFrom};

use super::Warning;

/// Boxes that are checked: a fragmented recording has thousands, behind its `moov`.
const MOST: usize = 4096;

/// The head of a box.
struct Head {
    kind: [u8; 4],
    /// Bytes of the whole box; `None`: up to the end of the file.
    size: Option<u64>,
}

/// Checks the top boxes of a file of `size` bytes.
pub(super) fn check(file: &mut (impl Read + Seek), size: u64) -> io::Result<Option<Warning>> {
    let (mut at, mut has_moov) = (0, false);
    for _ in 0..MOST {
        file.seek(SeekFrom::Start(at))?;
        // Fewer bytes than a head has are left, or what follows is no box: some programs append
        // data of their own.
        let head = if size - at < 8 { None } else { read(file)? };
        let Some(Head { kind, size: of_box }) = head else {
            return Ok((!has_moov).then_some(Warning::NoMoov));
        };
        has_moov |= &kind == b"moov";
        let end = of_box.and_then(|of_box| at.checked_add(of_box));
        match (of_box, end) {
            (None, _) => return Ok((!has_moov).then_some(Warning::NoMoov)),
            (Some(_), Some(end)) if end <= size => at = end,
            // A recorder writes the moov last: that it is missing says more.
            _ if !has_moov => return Ok(Some(Warning::NoMoov)),
            _ => {
                let missing = end.unwrap_or(u64::MAX) - size;
                return Ok(Some(Warning::CutOff { missing }));
            }
        }
    }
    Ok(None)
}

/// Reads a box's head; `None` where there is none.
fn read(file: &mut impl Read) -> io::Result<Option<Head>> {
    let mut head = Vec::with_capacity(16);
    file.take(16).read_to_end(&mut head)?;
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    };
    let (Some(short), Some(kind)) = (head.get(..4), head.get(4..8)) else {
        return Ok(None);
    };
    let kind: [u8; 4] = kind.try_into().unwrap_or_default();
    let is_name = kind
        .iter()
        .all(|byte| byte.is_ascii_graphic() || *byte == b' ' || *byte == 0xa9);
    let size = match (number(short), head.get(8..16)) {
        (0, _) => Some(None),
        (1, Some(long)) => Some(number(long)).filter(|size| *size >= 16).map(Some),
        (short, _) if short >= 8 => Some(Some(short)),
        _ => None,
    };
    Ok(size.filter(|_| is_name).map(|size| Head { kind, size }))
}
