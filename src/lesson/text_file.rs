//! Reads a file as text, or reports why and where it isn't text.
//!
//! Reads regular files only, up to the size of the longest lesson. Must not know what the text means.

use std::io;
use std::path::Path;

use super::LessonError;
use crate::regular_file::{self, NotRead};

/// The most bytes of a file: forty times the longest built-in lesson.
const LARGEST: u64 = 1024 * 1024;
const UTF_8: &str = "save it as UTF-8, without a byte order mark";

/// The text of a file.
pub(super) fn read(path: &Path) -> Result<String, LessonError> {
    let bytes = bytes(path).map_err(|(what, help)| wrong(path, (1, 1), what, help))?;
    text(&bytes).map_err(|(at, what, help)| wrong(path, position(&bytes, at), what, help))
}

fn wrong(path: &Path, (line, column): (usize, usize), what: String, help: &str) -> LessonError {
    LessonError::Text {
        path: path.display().to_string(),
        line,
        column,
        what,
        help: Some(help.to_owned()),
    }
}

/// The message, and its help.
type FileFault = (String, &'static str);

fn bytes(path: &Path) -> Result<Vec<u8>, FileFault> {
    regular_file::read(path, LARGEST).map_err(|why| match why {
        NotRead::Directory => (
            "this is a directory".to_owned(),
            "expected a text file of this name",
        ),
        NotRead::Special => (
            "this is a FIFO, a socket or a device".to_owned(),
            "expected a text file of this name",
        ),
        NotRead::TooLarge(largest) => (
            format!("this file is larger than {} MiB", largest >> 20),
            "divide it into several lessons",
        ),
        NotRead::LeadsToNothing => (
            "this link leads to nothing".to_owned(),
            "remove it, or put a file where it leads",
        ),
        NotRead::LeadsToItself => (
            "this link leads back to itself".to_owned(),
            "remove it, or let it lead to a file",
        ),
        NotRead::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => (
            "you may not read this file".to_owned(),
            "its permissions, or those of a directory above it, refuse",
        ),
        NotRead::Io(error) => (
            format!("this file can't be read: {error}"),
            "expected a text file",
        ),
    })
}

/// The bytes as text; otherwise the place of the first byte that isn't text, and what the file seems to be.
fn text(bytes: &[u8]) -> Result<String, (usize, String, &'static str)> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => {
            let what = "the file begins with a byte order mark (BOM)".to_owned();
            return Err((0, what, UTF_8));
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            return Err((0, "the file is UTF-16".to_owned(), UTF_8));
        }
        _ => {}
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).all(|byte| *byte == 0);
        return Err(if bytes.len() > 1 && (zeros(0) || zeros(1)) {
            (0, "the file is UTF-16".to_owned(), UTF_8)
        } else {
            let what = "the file is not text: it has a zero byte here".to_owned();
            (at, what, "expected Markdown")
        });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let at = error.valid_up_to();
            let what = if is_gb18030(bytes) {
                "the file is not UTF-8 from here on; it seems to be GB18030 (GBK)".to_owned()
            } else {
                let byte = bytes.get(at).copied().unwrap_or_default();
                format!("the byte 0x{byte:02x} here is not UTF-8")
            };
            Err((at, what, UTF_8))
        }
    }
}

/// Whether all bytes beyond ASCII are characters of GB 18030, of two bytes or of four.
fn is_gb18030(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => return true,
            [..=0x7f, rest @ ..] => rest,
            [0x81..=0xfe, 0x40..=0x7e | 0x80..=0xfe, rest @ ..] => rest,
            [
                0x81..=0xfe,
                b'0'..=b'9',
                0x81..=0xfe,
                b'0'..=b'9',
                rest @ ..,
            ] => rest,
            _ => return false,
        };
    }
}

/// Line and column of a byte, counted from 1; the column in characters.
fn position(bytes: &[u8], at: usize) -> (usize, usize) {
    let before = &bytes[..at.min(bytes.len())];
    let before = String::from_utf8_lossy(before);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;
    use rstest::rstest;

    use super::*;

    /// Makes something at a path.
    type Make = fn(&Path);

    /// The error for a file `1.md` that `make` has made.
    fn said(make: impl Fn(&Path)) -> String {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("1.md");
        make(&path);
        let error = read(&path).unwrap_err().to_string();
        error.replace(&format!("{}/", directory.path().display()), "")
    }

    #[rstest]
    #[case::bom(
        b"\xef\xbb\xbf+++\n",
        "1.md:1:1: the file begins with a byte order mark (BOM); save it"
    )]
    #[case::utf_16(b"\xff\xfe+\0+\0", "1.md:1:1: the file is UTF-16; save it as UTF-8")]
    #[case::big_endian(b"\xfe\xff\0+\0+", "1.md:1:1: the file is UTF-16; save it as UTF-8")]
    #[case::without_a_mark(b"+\0+\0\n\0", "1.md:1:1: the file is UTF-16; save it as UTF-8")]
    #[case::gbk(
        b"+++\n\ntitle \xc8\xdd\xc6\xf7 x\n",
        "1.md:3:7: the file is not UTF-8 from here on; it seems to be GB18030"
    )]
    #[case::gb18030("é\n".as_bytes(), "")]
    #[case::four_bytes(
        b"a\n\x81\x30\x84\x36",
        "1.md:2:1: the file is not UTF-8 from here on; it seems to be GB18030"
    )]
    #[case::latin_1(
        b"ein Gr\xfc\xdf\n caf\xe9 ",
        "1.md:1:7: the byte 0xfc here is not UTF-8"
    )]
    #[case::cut_off("容器".as_bytes().split_at(5).0, "1.md:1:2: the byte 0xe5 here is not UTF-8")]
    #[case::binary(
        b"\x7fELF\n\x02\0\x01",
        "1.md:2:2: the file is not text: it has a zero byte here"
    )]
    fn bytes_that_are_no_text(#[case] bytes: &[u8], #[case] expected: &str) {
        if expected.is_empty() {
            assert!(text(bytes).is_ok());
            return;
        }
        let said = said(|path| fs::write(path, bytes).unwrap());
        assert!(said.starts_with(expected), "{said}");
    }

    #[rstest]
    #[case("this is a directory", |at: &Path| fs::create_dir(at).unwrap())]
    #[case("this link leads to nothing", |at: &Path| symlink("gone", at).unwrap())]
    #[case("this link leads back to itself", |at: &Path| symlink("1.md", at).unwrap())]
    #[case("this is a FIFO", |at: &Path| mkfifo(at, Mode::S_IRWXU).unwrap())]
    #[case("this is a FIFO, a socket or a device", |at: &Path| symlink("/dev/zero", at).unwrap())]
    #[case("this file is larger than 1 MiB", |at: &Path| fs::write(at, vec![b'x'; 1 << 21]).unwrap())]
    fn what_is_no_file(#[case] expected: &str, #[case] make: Make) {
        let said = said(make);
        assert!(said.starts_with(&format!("1.md:1:1: {expected}")), "{said}");
    }
}
