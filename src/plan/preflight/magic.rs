//! Formats told by their first bytes. Pure.
//!
//! A format is known by what its specification demands of a file's beginning; of families that share
//! a container (Matroska and `WebM`, MP4 and MOV) only the container is told.

/// As many bytes as are looked at: an MPEG transport stream shows in its third packet.
pub(super) const HEAD: usize = 2 * TS_PACKET + 1;

/// Bytes of a packet of an MPEG transport stream.
const TS_PACKET: usize = 188;

/// What a file's first bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// ISO 14496-12: MP4, MOV, M4A.
    IsoMedia,
    Avi,
    /// EBML: Matroska, `WebM`.
    Matroska,
    Flv,
    /// Advanced Systems Format: WMV.
    Asf,
    /// Program stream, elementary stream or transport stream.
    Mpeg,
    Mp3,
    Wav,
    /// ADTS or ADIF.
    Aac,
    Flac,
    Ogg,
    Jpeg,
    Png,
    Gif,
    Webp,
    Bmp,
    Tiff,
    // What stands under a media file's name now and then.
    Html,
    Pdf,
    Zip,
    Heif,
}

impl Format {
    /// For people.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::IsoMedia => "MP4 or MOV",
            Self::Avi => "AVI",
            Self::Matroska => "Matroska or WebM",
            Self::Flv => "Flash video",
            Self::Asf => "Windows Media",
            Self::Mpeg => "MPEG",
            Self::Mp3 => "MP3",
            Self::Wav => "WAV",
            Self::Aac => "AAC",
            Self::Flac => "FLAC",
            Self::Ogg => "Ogg",
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Gif => "GIF",
            Self::Webp => "WebP",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Html => "HTML, perhaps an error page that was saved",
            Self::Pdf => "PDF",
            Self::Zip => "a ZIP archive",
            Self::Heif => "HEIC or AVIF",
        }
    }
}

/// The formats that a file with this extension, in lower case, may have; `None` for extensions that
/// the service does not list.
pub(super) fn formats_of(extension: &str) -> Option<&'static [Format]> {
    Some(match extension {
        "mp4" | "mov" | "m4a" => &[Format::IsoMedia],
        "avi" => &[Format::Avi],
        "webm" | "mkv" => &[Format::Matroska],
        "flv" => &[Format::Flv],
        "wmv" => &[Format::Asf],
        "mpeg" | "mpg" => &[Format::Mpeg],
        "mp3" => &[Format::Mp3],
        "wav" => &[Format::Wav],
        // Both may begin with the same tag.
        "aac" => &[Format::Aac, Format::Mp3],
        "flac" => &[Format::Flac],
        "ogg" => &[Format::Ogg],
        "jpg" | "jpeg" => &[Format::Jpeg],
        "png" => &[Format::Png],
        "gif" => &[Format::Gif],
        "webp" => &[Format::Webp],
        "bmp" => &[Format::Bmp],
        "tiff" | "tif" => &[Format::Tiff],
        _ => return None,
    })
}

/// First bytes that tell a format by themselves.
const STARTS: [(&[u8], Format); 22] = [
    (b"\x1a\x45\xdf\xa3", Format::Matroska),
    (b"FLV\x01", Format::Flv),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Format::Asf),
    (b"\0\0\x01\xba", Format::Mpeg),
    (b"\0\0\x01\xb3", Format::Mpeg),
    (b"ADIF", Format::Aac),
    (b"fLaC", Format::Flac),
    (b"OggS", Format::Ogg),
    (b"\xff\xd8\xff", Format::Jpeg),
    (b"\x89PNG\r\n\x1a\n", Format::Png),
    (b"GIF87a", Format::Gif),
    (b"GIF89a", Format::Gif),
    (b"BM", Format::Bmp),
    (b"II*\0", Format::Tiff),
    (b"MM\0*", Format::Tiff),
    (b"II+\0", Format::Tiff),
    (b"MM\0+", Format::Tiff),
    (b"%PDF-", Format::Pdf),
    (b"PK\x03\x04", Format::Zip),
    (b"<!DOCTYPE", Format::Html),
    (b"<!doctype", Format::Html),
    (b"<html", Format::Html),
];

/// The types of the boxes that an ISO media file may begin with; old MOV files have no `ftyp`.
const FIRST_BOXES: [&[u8; 4]; 7] = [
    b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot",
];

/// The format that these first bytes are of, where it is known.
pub(super) fn format_of(head: &[u8]) -> Option<Format> {
    let start = STARTS.iter().find(|(start, _)| head.starts_with(start));
    start
        .map(|(_, format)| *format)
        .or_else(|| riff(head))
        .or_else(|| iso_media(head))
        .or_else(|| tagged(head))
        .or_else(|| audio_frame(head))
        .or_else(|| is_transport_stream(head).then_some(Format::Mpeg))
}

fn riff(head: &[u8]) -> Option<Format> {
    let riff = [b"RIFF", b"RF64", b"BW64"];
    if !riff.iter().any(|start| head.starts_with(*start)) {
        return None;
    }
    match head.get(8..12)? {
        b"AVI " => Some(Format::Avi),
        b"WAVE" => Some(Format::Wav),
        b"WEBP" => Some(Format::Webp),
        _ => None,
    }
}

fn iso_media(head: &[u8]) -> Option<Format> {
    let kind = head.get(4..8)?;
    let is_still = |brand: &[u8]| {
        [b"heic", b"heix", b"mif1", b"avif"]
            .iter()
            .any(|b| *b == brand)
    };
    match head.get(8..12) {
        Some(brand) if kind == b"ftyp" && is_still(brand) => Some(Format::Heif),
        _ => FIRST_BOXES
            .iter()
            .any(|first| *first == kind)
            .then_some(Format::IsoMedia),
    }
}

/// What follows an ID3 tag at the beginning; a tag longer than the head is mostly an MP3's.
fn tagged(head: &[u8]) -> Option<Format> {
    let tag = head.strip_prefix(b"ID3")?;
    let length = tag.get(3..7)?.iter();
    let length = length.fold(0, |length, byte| length << 7 | usize::from(byte & 0x7f));
    match tag.get(7 + length..) {
        Some(rest) if rest.starts_with(b"fLaC") => Some(Format::Flac),
        Some(rest) => Some(audio_frame(rest).unwrap_or(Format::Mp3)),
        None => Some(Format::Mp3),
    }
}

/// A frame of MPEG audio: eleven bits of ones, then version and layer.
fn audio_frame(head: &[u8]) -> Option<Format> {
    let [0xff, second, ..] = head else {
        return None;
    };
    match second & 0xe6 {
        0xe2 => Some(Format::Mp3),
        0xe0 if second & 0xf0 == 0xf0 => Some(Format::Aac),
        _ => None,
    }
}

fn is_transport_stream(head: &[u8]) -> bool {
    let packets = [0, TS_PACKET, 2 * TS_PACKET];
    packets.iter().all(|at| head.get(*at) == Some(&0x47))
}
