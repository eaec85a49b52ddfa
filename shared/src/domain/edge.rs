//! What edges are told when a photo goes, or says something else.
//!
//! Decision: two ways. The photo's own addresses are named exactly ([`own`]), since the delivery network takes thousands of those at once
//! and keeps no query beside them (`infra/edge.json`). Everything else that shows something of a photo is named by one wildcard,
//! [`EVERYTHING`]: feeds, lists, searches, frames, the wall, pages of schools and of the photos beside it, in each language and with each
//! filter. They have a dozen prefixes in common with nothing, of fifteen wildcards that may be in progress at once, so that naming them
//! one by one would be refused at the second removal in a minute; and a page that is added later could be forgotten. What is given up:
//! edges fetch anew what they had. That is little: nothing but the files of the pages may be kept for longer than five minutes.

use super::{
    keys::{public_folder, public_path},
    photo::Photo,
};

/// The path that stands for all that edges have.
pub const EVERYTHING: &str = "/*";

/// The addresses of a photo's own pages and answers, in each language.
pub fn pages(photo: &Photo) -> Vec<String> {
    let id = &photo.id;
    ["/p/", "/cy/p/", "/embed/p/", "/api/v1/photos/"].map(|before| format!("{before}{id}")).to_vec()
}

/// The addresses of a published photo's pages and pictures. A path that ends in `*` stands for all that begin so.
pub fn own(photo: &Photo) -> Vec<String> {
    let mut paths = pages(photo);
    let Some(revision) = &photo.revision else { return paths };
    let pictures = photo.rendered.iter().flat_map(|rendered| &rendered.renditions);
    let before = paths.len();
    paths.extend(pictures.map(|rendition| public_path(&photo.id, revision, &rendition.name)));
    if paths.len() == before {
        paths.push(format!("/{}*", public_folder(&photo.id, revision)));
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    #[test]
    fn a_photo_s_own_addresses_are_named_exactly() {
        let photo = sample::published();
        let paths = own(&photo);
        assert_eq!(paths.len(), 4 + photo.rendered.as_ref().unwrap().renditions.len());
        assert!(paths.iter().all(|path| path.contains(photo.id.as_str()) && !path.contains('*')), "{paths:?}");
        assert_eq!(pages(&photo), paths[..4]);
    }
}
