//! Writes every sample page, its content security policy and the assets below a folder, to be looked at in a browser:
//! `cargo run -p site --example preview -- FOLDER`.

use std::{env, fs, path::Path};

use http::header;
use http_body_util::BodyExt;
use shared::{pages::assets, web::EdgeSecrets};
use site::{config::Config, pages::styleguide::SAMPLES};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = env::args().nth(1).ok_or("name a folder to write to")?;
    let folder = Path::new(&folder);
    let config = Config {
        edge: EdgeSecrets::of(""),
        table: String::new(),
        review_bucket: String::new(),
        site_origin: "https://photos.example".into(),
        upload_origin: String::new(),
        styleguide: true,
    };
    fs::create_dir_all(folder)?;
    for (name, render) in SAMPLES {
        let response = render(&config).map_err(|problem| problem.detail)?;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].as_bytes().to_vec();
        fs::write(folder.join(format!("{name}.csp")), policy)?;
        fs::write(folder.join(format!("{name}.html")), response.into_body().collect().await?.to_bytes())?;
    }
    for path in assets::paths().chain(["css/site.css"]) {
        let file = folder.join("assets").join(assets::digest()).join(path);
        fs::create_dir_all(file.parent().unwrap_or(folder))?;
        fs::write(file, assets::find(path).unwrap_or_default())?;
    }
    Ok(())
}
