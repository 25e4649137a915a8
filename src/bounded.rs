//! A file of the operator, read no further than anything of its kind can reach: a device never ends, and a wrong name is soon given.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The most that a file with a secret, a token, a certificate or an address holds. A machine's whole list of certificate
/// authorities has about 220 KiB.
pub const SMALL: u64 = 4 << 20;

/// The bytes of a file; an error if there are more than `most`. The size is checked while reading: a device says that it has
/// none, and a file may grow.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {}", size(most))));
    }
    Ok(bytes)
}

/// The same of a file with text in UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let no_text = |_| io::Error::new(io::ErrorKind::InvalidData, "it is no text in UTF-8");
    String::from_utf8(read(path, most)?).map_err(no_text)
}

fn size(bytes: u64) -> String {
    if bytes >= 1 << 20 { format!("{} MiB", bytes >> 20) } else { format!("{} KiB", bytes >> 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_bound_and_never_past_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, "0123").unwrap();
        assert_eq!(read_text(&path, 4).unwrap(), "0123");
        let error = read(&path, 3).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        std::fs::write(&path, [0xff]).unwrap();
        assert_eq!(read_text(&path, 4).unwrap_err().to_string(), "it is no text in UTF-8");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_never_ends_is_larger_than_it_may_be() {
        let error = read(Path::new("/dev/zero"), SMALL).unwrap_err();
        assert_eq!(error.to_string(), "it is larger than 4 MiB");
        assert_eq!(
            read(Path::new("/dev/zero"), 64 << 10).unwrap_err().to_string(),
            "it is larger than 64 KiB"
        );
    }
}
