//! What the function must be told.

use shared::{
    runtime::{Environment, config::Missing},
    web::EdgeSecrets,
};

/// The function's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// By what the edge is known.
    pub edge: EdgeSecrets,
    /// The table.
    pub table: String,
    /// The bucket of renditions under review.
    pub review_bucket: String,
    /// Where the site is, such as `https://photos.example.org`, without a slash at the end.
    pub site_origin: String,
    /// Where browsers send photos, in the form of an origin: the content security policy lets them.
    pub upload_origin: String,
    /// Whether `/styleguide` is served.
    pub styleguide: bool,
}

impl Config {
    /// The names of the variables that [`Config::from_environment`] reads.
    pub const VARS: &'static [&'static str] =
        &["EDGE_SECRETS", "TABLE", "REVIEW_BUCKET", "SITE_ORIGIN", "UPLOAD_ORIGIN", "STYLEGUIDE"];

    /// Reads the settings.
    ///
    /// # Errors
    /// All variables that are missing, named together.
    pub fn from_environment() -> Result<Self, Missing> {
        Environment::read(Self::VARS).map(|environment| Self::of(&environment))
    }

    /// The settings in an environment that has all of [`Config::VARS`]. `STYLEGUIDE` is `on` or `off`.
    pub fn of(environment: &Environment) -> Self {
        Self {
            edge: EdgeSecrets::of(&environment.get("EDGE_SECRETS")),
            table: environment.get("TABLE"),
            review_bucket: environment.get("REVIEW_BUCKET"),
            site_origin: environment.get("SITE_ORIGIN").trim_end_matches('/').to_owned(),
            upload_origin: environment.get("UPLOAD_ORIGIN").trim_end_matches('/').to_owned(),
            styleguide: environment.get("STYLEGUIDE") == "on",
        }
    }
}
