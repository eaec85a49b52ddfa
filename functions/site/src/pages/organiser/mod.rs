//! `/organiser…`: how the day goes, what is set about it, who may do what, who did what. Forms go to the moderation function; all of
//! it works without JavaScript, but for making keys, codes and passkeys, whose answers are shown once and by the browser alone, and for
//! the list of photos, which needs a passkey.

pub mod activity;
pub mod dashboard;
pub mod day;
pub mod people;

use serde::Deserialize;

/// The query of a page that forms go back to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The name of the problem that the form met.
    #[serde(default)]
    pub problem: Option<String>,
}
