//! Object keys: parsed, never split by hand. All consist of `[a-z0-9/._-]`, so keys in events need only plain decoding.

use std::fmt;

use super::{
    ids::{DrawId, EditionSlug, PhotoId, Revision},
    limits,
};

/// The key of an original in the originals bucket: `{edition}/{2 hex}/{photo id}`, or of a part of one:
/// `{edition}/{2 hex}/{photo id}/{00…23}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalKey {
    /// The photo's edition.
    pub edition: EditionSlug,
    /// The photo's id.
    pub id: PhotoId,
    /// The number of the part, from 0; `None` for a file in one piece.
    pub part: Option<u8>,
}

impl OriginalKey {
    /// Parses a key. `None` if it is not one of ours: its depth, its two hexadecimal digits, its id or the number of its part are wrong.
    pub fn parse(key: &str) -> Option<Self> {
        let mut names = key.split('/');
        let (edition, spread, id) = (names.next()?, names.next()?, names.next()?);
        let part = match names.next() {
            Some(number) => Some(part_number(number)?),
            None => None,
        };
        let key = Self { edition: edition.parse().ok()?, id: id.parse().ok()?, part };
        (names.next().is_none() && key.id.spread() == spread).then_some(key)
    }

    /// Returns the folder of the parts: the key of the whole file, and `/`.
    pub fn folder(&self) -> String {
        format!("{}/", Self { part: None, ..self.clone() })
    }
}

/// Reads the number of a part: two digits, less than [`limits::MAX_VIDEO_PARTS`].
fn part_number(name: &str) -> Option<u8> {
    let digits = name.len() == 2 && name.bytes().all(|b| b.is_ascii_digit());
    name.parse().ok().filter(|number| digits && *number < limits::MAX_VIDEO_PARTS)
}

impl fmt::Display for OriginalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.edition, self.id.spread(), self.id)?;
        self.part.map_or(Ok(()), |part| write!(f, "/{part:02}"))
    }
}

/// Returns the folder of one photo's renditions before a decision: `{photo id}/{hash}/` in the review bucket. `hash` is
/// [`Rendered::hash`](super::photo::Rendered::hash), so every attempt that gives the same bytes from the same version of the photo writes
/// the same objects.
pub fn review_folder(id: &PhotoId, hash: &str) -> String {
    format!("{id}/{hash}/")
}

/// Returns the folder of one photo's published renditions: `m/{photo id}/{revision}/` in the public bucket. A key there is the path on the
/// site, so that the edge reads the bucket without rewriting a request.
pub fn public_folder(id: &PhotoId, revision: &Revision) -> String {
    format!("m/{id}/{revision}/")
}

/// Returns the folder of all renditions ever made of a photo, in the review bucket.
pub fn photo_review_folder(id: &PhotoId) -> String {
    format!("{id}/")
}

/// Returns the folder of all renditions ever published of a photo, in the public bucket.
pub fn photo_public_folder(id: &PhotoId) -> String {
    format!("m/{id}/")
}

/// Returns the key of an edition's index. It is in the review bucket, since for up to a minute it contains texts of photos that were taken
/// down, which the public must not read.
pub fn index_key(edition: &EditionSlug) -> String {
    format!("index/{edition}.json")
}

/// Whether an object of the review bucket is an index, which belongs to no photo.
pub fn is_index(key: &str) -> bool {
    key.starts_with("index/")
}

/// Returns the photo that an object in the review or public bucket belongs to, and the name of the folder inside the photo's own: a hash or
/// a revision.
pub fn rendition_folder(key: &str) -> Option<(PhotoId, &str)> {
    let (id, rest) = key.strip_prefix("m/").unwrap_or(key).split_once('/')?;
    Some((id.parse().ok()?, rest.split_once('/')?.0))
}

/// Returns the path on the site under which a public object is served.
pub fn public_path(id: &PhotoId, revision: &Revision, name: &str) -> String {
    format!("/{}{name}", public_folder(id, revision))
}

/// Returns the key of a public file of a prize draw: `draws/{edition}/{draw}/{name}` in the public bucket, which is its path on the site.
pub fn draw_file(edition: &EditionSlug, draw: &DrawId, name: &str) -> String {
    format!("draws/{edition}/{draw}/{name}")
}

/// Whether an object of the public bucket is a file of a prize draw, which belongs to no photo.
pub fn is_draw_file(key: &str) -> bool {
    key.starts_with("draws/")
}

/// Returns the key of the public file of a prize draw that a path of the site names. `None` if the path does not have that form.
pub fn public_draw_file(path: &str) -> Option<&str> {
    let key = path.strip_prefix('/')?;
    let mut parts = key.strip_prefix("draws/")?.split('/');
    let (edition, draw, name) = (parts.next()?, parts.next()?, parts.next()?);
    let named = name.contains('.') && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'.');
    let ours = edition.parse::<EditionSlug>().is_ok() && draw.parse::<DrawId>().is_ok() && parts.next().is_none();
    (ours && named).then_some(key)
}

/// Returns the key of the public object that a path of the site names. `None` if the path does not have that form.
pub fn public_object(path: &str) -> Option<&str> {
    let key = path.strip_prefix('/')?;
    let mut parts = key.strip_prefix("m/")?.split('/');
    let (id, revision, name) = (parts.next()?, parts.next()?, parts.next()?);
    let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.');
    let ours = id.parse::<PhotoId>().is_ok() && revision.parse::<Revision>().is_ok() && named && parts.next().is_none();
    ours.then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_as_it_went_out() {
        let key = OriginalKey { edition: "2027".parse().unwrap(), id: PhotoId::from_digest(&[3; 32]), part: None };
        for part in [None, Some(0), Some(9), Some(23)] {
            let key = OriginalKey { part, ..key.clone() };
            assert_eq!(OriginalKey::parse(&key.to_string()), Some(key));
        }
        let third = OriginalKey { part: Some(3), ..key.clone() };
        assert_eq!((third.to_string(), third.folder()), (format!("{key}/03"), format!("{key}/")));
    }

    #[test]
    fn each_file_lies_where_rows_and_edges_look_for_it() {
        let id: PhotoId = "aeaqcaibaeaqcaibaeaqcaibae".parse().unwrap();
        let revision = Revision::from_bits([1; 16]);
        assert_eq!(review_folder(&id, "f00d-2"), "aeaqcaibaeaqcaibaeaqcaibae/f00d-2/");
        assert_eq!(photo_review_folder(&id), "aeaqcaibaeaqcaibaeaqcaibae/");
        assert_eq!(public_folder(&id, &revision), format!("m/aeaqcaibaeaqcaibaeaqcaibae/{revision}/"));
        assert_eq!(photo_public_folder(&id), "m/aeaqcaibaeaqcaibaeaqcaibae/");
        assert_eq!(public_path(&id, &revision, "640.jpg"), format!("/m/{id}/{revision}/640.jpg"));
        let index = index_key(&"2027".parse().unwrap());
        assert_eq!(index, "index/2027.json");
        assert!(is_index(&index) && !is_index("aeaqcaibaeaqcaibaeaqcaibae/index/640.jpg"));
        let folder = |key: &str| rendition_folder(key).map(|(id, folder)| (id.to_string(), folder.to_owned()));
        let found = Some((id.to_string(), "f00d-2".to_owned()));
        assert_eq!(folder("aeaqcaibaeaqcaibaeaqcaibae/f00d-2/640.jpg"), found);
        assert_eq!(folder("m/aeaqcaibaeaqcaibaeaqcaibae/f00d-2/640.jpg"), found);
        for other in ["index/2027.json", "aeaqcaibaeaqcaibaeaqcaibae", "aeaqcaibaeaqcaibaeaqcaibae/640.jpg", "x/y/z"] {
            assert_eq!(folder(other), None, "{other}");
        }
    }

    #[test]
    fn foreign_keys_are_not_ours() {
        let id = PhotoId::from_digest(&[3; 32]);
        let right = id.spread();
        let wrong = if right == "00" { "01" } else { "00" };
        for key in [
            "",
            "2027",
            "2027/aa",
            &format!("2027/{wrong}/{id}"),
            &format!("2027/{right}/{id}/x"),
            &format!("2027/{right}/{id}/"),
            &format!("2027/{right}/{id}/3"),
            &format!("2027/{right}/{id}/+3"),
            &format!("2027/{right}/{id}/24"),
            &format!("2027/{right}/{id}/003"),
            &format!("2027/{right}/{id}/03/03"),
            &format!("../{right}/{id}"),
        ] {
            assert_eq!(OriginalKey::parse(key), None, "{key}");
        }
    }

    #[test]
    fn only_paths_of_our_own_form_reach_the_public_bucket() {
        let (id, revision) = (PhotoId::from_digest(&[3; 32]), Revision::from_bits([1; 16]));
        let path = public_path(&id, &revision, "640.jpg");
        assert_eq!(public_object(&path), Some(&path[1..]));
        for path in
            ["/m/", "/m/../x/y", &format!("{path}/z"), &format!("/m/{id}/x/640.jpg"), &format!("/m/{id}/{revision}/")]
        {
            assert_eq!(public_object(path), None, "{path}");
        }
    }
}
