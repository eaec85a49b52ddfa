//! QR codes as an SVG path, for the poster, the wall and printed pages.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// The width of the quiet zone in modules, which scanners require.
const QUIET: i32 = 4;

/// A QR code as a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// The number of modules on a side, including the quiet zone: the width and height of the view box.
    pub side: i32,
    /// The path data of the dark modules.
    pub path: String,
}

impl Code {
    /// Returns the code of an address. An address that is too long (more than about 2,000 characters) gives an empty code, with side 0.
    pub fn new(address: &str) -> Self {
        let Ok(code) = QrCode::encode_text(address, QrCodeEcc::Medium) else { return Self::default() };
        let mut path = String::new();
        for y in 0..code.size() {
            let mut x = 0;
            while x < code.size() {
                let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
                if run > 0 {
                    // Writing into a string cannot fail.
                    let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
                }
                x += i32::try_from(run).unwrap_or(i32::MAX).max(1);
            }
        }
        Self { side: code.size() + 2 * QUIET, path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_three_finders_and_a_quiet_zone() {
        let code = Code::new("https://photos.example/add");
        // Version 2 at this length: 25 modules, and 4 on each side.
        assert_eq!(code.side, 33);
        // The upper edges of the two upper finders are seven dark modules in the first row.
        assert!(code.path.starts_with("M4 4h7v1h-7z"), "{}", code.path);
        assert!(code.path.contains("M22 4h7v1h-7z"));
        assert_eq!(Code::new(&"x".repeat(5_000)), Code::default());
    }
}
