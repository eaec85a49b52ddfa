//! Where edges may keep what a photo gave them: the paths that a removal invalidates.
//!
//! Decision: the photo's own addresses exactly, and the lists that may show its tile by one wildcard each. The delivery network
//! takes fifteen wildcards at a time, so a batch of removals is invalidated together, and a list is named once in it. Given up:
//! other photos of those lists are fetched anew once; a page costs two reads.

use super::{
    keys::{public_folder, public_path},
    photo::Photo,
};

/// Lists that show tiles of many photos, and all that is Welsh.
const LISTS: [&str; 5] = ["/", "/gallery*", "/s/*", "/cy/*", "/api/v1/photos?*"];

/// The paths at which an edge may have something of a photo that was published. A path that ends in `*` stands for all that begin
/// so.
pub fn paths(photo: &Photo) -> Vec<String> {
    let id = &photo.id;
    let mut paths = vec![format!("/p/{id}*"), format!("/api/v1/photos/{id}"), "/api/v1/photos".to_owned()];
    match (&photo.revision, &photo.rendered) {
        (Some(revision), Some(rendered)) => {
            paths.extend(rendered.renditions.iter().map(|rendition| public_path(id, revision, &rendition.name)));
            if rendered.renditions.is_empty() {
                paths.push(format!("/{}*", public_folder(id, revision)));
            }
        }
        // It was public before, under a revision that is no longer known.
        (None, _) | (Some(_), None) => paths.push(format!("/m/{id}/*")),
    }
    paths.extend(LISTS.map(str::to_owned));
    paths.push(format!("/{}/*", photo.edition));
    paths
}
