//! `techognition openapi`: prints the API description, made from the code of all functions.

use std::process::ExitCode;

use anyhow::Result;
use utoipa::OpenApi;

use crate::say;

/// The path at which the gallery function serves the description.
pub const PATH: &str = "/api/v1/openapi.json";

pub fn run() -> Result<ExitCode> {
    say(document()?);
    Ok(ExitCode::SUCCESS)
}

/// Returns the whole description.
fn document() -> Result<String> {
    let parts = vec![
        uploads::openapi::Document::openapi(),
        gallery::openapi::Document::openapi(),
        console::openapi::Document::openapi(),
    ];
    Ok(shared::web::openapi::whole(parts)?.to_pretty_json()?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_description_that_is_served_is_the_code_s() {
        let served = include_str!("../../../../functions/gallery/openapi.json");
        let advice = "write it again: cargo run -- openapi > functions/gallery/openapi.json";
        assert!(super::document().unwrap().trim() == served.trim(), "{advice}");
    }

    #[test]
    fn the_guide_tells_the_rules_and_limits_of_the_code() {
        let guide = include_str!("../../../../docs/API.md");
        for text in [shared::web::openapi::retry_rules(), shared::web::openapi::limit_table()] {
            assert!(guide.contains(&text), "replace the old list in docs/API.md with this one:\n\n{text}");
        }
    }
}
