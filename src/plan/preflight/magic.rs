//! Formats, recognised by their first bytes. Pure.
//!
//! A format is known by what its specification demands of a file's beginning. Of families that share
//! a container (Matroska and `WebM`, MP4 and MOV) only the container is recognised.

/// The bytes that are read: an MPEG transport stream shows in its third packet.
pub(super) const HEAD: usize = 2 * TS_PACKET + 1;

/// Bytes of a packet of an MPEG transport stream.
const TS_PACKET: usize = 188;

/// What a file's first bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileFormat {
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
    // What sometimes has a media file's name.
    Html,
    Pdf,
    Zip,
    Heif,
}

impl FileFormat {
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
pub(super) fn formats_of(extension: &str) -> Option<&'static [FileFormat]> {
    Some(match extension {
        "mp4" | "mov" | "m4a" => &[FileFormat::IsoMedia],
        "avi" => &[FileFormat::Avi],
        "webm" | "mkv" => &[FileFormat::Matroska],
        "flv" => &[FileFormat::Flv],
        "wmv" => &[FileFormat::Asf],
        "mpeg" | "mpg" => &[FileFormat::Mpeg],
        "mp3" => &[FileFormat::Mp3],
        "wav" => &[FileFormat::Wav],
        // Both may begin with the same tag.
        "aac" => &[FileFormat::Aac, FileFormat::Mp3],
        "flac" => &[FileFormat::Flac],
        "ogg" => &[FileFormat::Ogg],
        "jpg" | "jpeg" => &[FileFormat::Jpeg],
        "png" => &[FileFormat::Png],
        "gif" => &[FileFormat::Gif],
        "webp" => &[FileFormat::Webp],
        "bmp" => &[FileFormat::Bmp],
        "tiff" | "tif" => &[FileFormat::Tiff],
        _ => return None,
    })
}

/// First bytes that identify a format by themselves.
const STARTS: [(&[u8], FileFormat); 22] = [
    (b"\x1a\x45\xdf\xa3", FileFormat::Matroska),
    (b"FLV\x01", FileFormat::Flv),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", FileFormat::Asf),
    (b"\0\0\x01\xba", FileFormat::Mpeg),
    (b"\0\0\x01\xb3", FileFormat::Mpeg),
    (b"ADIF", FileFormat::Aac),
    (b"fLaC", FileFormat::Flac),
    (b"OggS", FileFormat::Ogg),
    (b"\xff\xd8\xff", FileFormat::Jpeg),
    (b"\x89PNG\r\n\x1a\n", FileFormat::Png),
    (b"GIF87a", FileFormat::Gif),
    (b"GIF89a", FileFormat::Gif),
    (b"BM", FileFormat::Bmp),
    (b"II*\0", FileFormat::Tiff),
    (b"MM\0*", FileFormat::Tiff),
    (b"II+\0", FileFormat::Tiff),
    (b"MM\0+", FileFormat::Tiff),
    (b"%PDF-", FileFormat::Pdf),
    (b"PK\x03\x04", FileFormat::Zip),
    (b"<!DOCTYPE", FileFormat::Html),
    (b"<!doctype", FileFormat::Html),
    (b"<html", FileFormat::Html),
];

/// The types of the boxes that an ISO media file may begin with; old MOV files have no `ftyp`.
const FIRST_BOXES: [&[u8; 4]; 7] = [
    b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot",
];

/// The format that these first bytes are of, where it is known.
pub(super) fn format_of(head: &[u8]) -> Option<FileFormat> {
    let start = STARTS.iter().find(|(start, _)| head.starts_with(start));
    start
        .map(|(_, format)| *format)
        .or_else(|| riff(head))
        .or_else(|| iso_media(head))
        .or_else(|| tagged(head))
        .or_else(|| audio_frame(head))
        .or_else(|| is_transport_stream(head).then_some(FileFormat::Mpeg))
}

fn riff(head: &[u8]) -> Option<FileFormat> {
    let riff = [b"RIFF", b"RF64", b"BW64"];
    if !riff.iter().any(|start| head.starts_with(*start)) {
        return None;
    }
    match head.get(8..12)? {
        b"AVI " => Some(FileFormat::Avi),
        b"WAVE" => Some(FileFormat::Wav),
        b"WEBP" => Some(FileFormat::Webp),
        _ => None,
    }
}

fn iso_media(head: &[u8]) -> Option<FileFormat> {
    let kind = head.get(4..8)?;
    let is_still = |brand: &[u8]| {
        [b"heic", b"heix", b"mif1", b"avif"]
            .iter()
            .any(|b| *b == brand)
    };
    match head.get(8..12) {
        Some(brand) if kind == b"ftyp" && is_still(brand) => Some(FileFormat::Heif),
        _ => FIRST_BOXES
            .iter()
            .any(|first| *first == kind)
            .then_some(FileFormat::IsoMedia),
    }
}

/// What follows an ID3 tag at the beginning; a tag longer than the head is mostly an MP3's.
fn tagged(head: &[u8]) -> Option<FileFormat> {
    let tag = head.strip_prefix(b"ID3")?;
    let length = tag.get(3..7)?.iter();
    let length = length.fold(0, |length, byte| length << 7 | usize::from(byte & 0x7f));
    match tag.get(7 + length..) {
        Some(rest) if rest.starts_with(b"fLaC") => Some(FileFormat::Flac),
        Some(rest) => Some(audio_frame(rest).unwrap_or(FileFormat::Mp3)),
        None => Some(FileFormat::Mp3),
    }
}

/// A frame of MPEG audio: eleven bits of ones, then version and layer.
fn audio_frame(head: &[u8]) -> Option<FileFormat> {
    let [0xff, second, ..] = head else {
        return None;
    };
    match second & 0xe6 {
        0xe2 => Some(FileFormat::Mp3),
        0xe0 if second & 0xf0 == 0xf0 => Some(FileFormat::Aac),
        _ => None,
    }
}

fn is_transport_stream(head: &[u8]) -> bool {
    let packets = [0, TS_PACKET, 2 * TS_PACKET];
    packets.iter().all(|at| head.get(*at) == Some(&0x47))
}
