//! QR codes as SVG, which stays sharp from a phone's screen to a poster.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

use crate::store::Fault;

/// The width of the quiet zone in modules; scanners require four.
const QUIET: i32 = 4;

/// Returns a QR code of `text` as a separate SVG document: black on white in light and dark mode alike, as scanners expect. It can be read
/// with up to a quarter of it hidden or dirty.
///
/// # Errors
/// A fault for a text longer than 1,600 bytes, which no code with this error correction holds.
pub fn svg(text: &str) -> Result<String, Fault> {
    let code = QrCode::encode_text(text, QrCodeEcc::Quartile).map_err(|error| Fault::broken("make QR code", error))?;
    let size = code.size();
    let edge = size + 2 * QUIET;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {edge} {edge}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{edge}v{edge}H0z\"/><path d=\""
    );
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let run = (x..size).take_while(|&x| code.get_module(x, y)).fold(0, |run, _| run + 1);
            if run > 0 {
                // Writing into a string cannot fail.
                let _ = write!(svg, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    svg.push_str("\"/></svg>\n");
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the dark modules, read back from the runs in the picture.
    fn dark(svg: &str) -> Vec<(i32, i32)> {
        let path = svg.rsplit_once("d=\"").unwrap().1;
        let runs = path.split('M').filter_map(|run| run.split_once('h'));
        runs.flat_map(|(at, rest)| {
            let (x, y) = at.split_once(' ').unwrap();
            let (x, y): (i32, i32) = (x.parse().unwrap(), y.parse().unwrap());
            let run: i32 = rest.split_once('v').unwrap().0.parse().unwrap();
            (x..x + run).map(move |x| (x, y))
        })
        .collect()
    }

    #[test]
    fn the_picture_has_exactly_the_modules_of_the_code() {
        let text = "https://photos.example/add";
        let code = QrCode::encode_text(text, QrCodeEcc::Quartile).unwrap();
        let expected: Vec<_> = (0..code.size())
            .flat_map(|y| (0..code.size()).map(move |x| (x, y)))
            .filter(|&(x, y)| code.get_module(x, y))
            .map(|(x, y)| (x + QUIET, y + QUIET))
            .collect();
        let mut found = dark(&svg(text).unwrap());
        found.sort_by_key(|&(x, y)| (y, x));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_recovery_link_fits_and_a_book_does_not() {
        assert!(svg(&format!("https://photos.example.org/mine#key={}", "A".repeat(43))).is_ok());
        assert!(svg(&"x".repeat(3_000)).is_err());
    }

    #[test]
    fn what_is_encoded_never_stands_in_the_markup() {
        assert!(!svg("<script>alert(1)</script>").unwrap().contains("script"));
    }
}
