//! Writes the photos' pixels as PPM files: `cargo run -p sample --example files -- FOLDER`.

use std::{fs, io::Result, path::PathBuf};

fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    for index in 0..sample::photos().len() {
        let picture = sample::draw(index);
        let head = format!("P6 {} {} 255\n", picture.width, picture.height);
        fs::write(folder.join(format!("{index:02}.ppm")), [head.as_bytes(), &picture.rgb].concat())?;
    }
    Ok(())
}
