//! A published photo in a gallery, and the one style element with the shapes and placeholders of all photos on a page.
//!
//! Decision: in a list, photos that one person sent together with one caption are a stack, so that they do not fill a row or a screen. The
//! stack is a `<details>` element below its newest photo: it opens without scripts, and its photos are fetched when it is opened.

use std::{collections::BTreeMap, fmt::Write as _};

use data_encoding::BASE64;

use super::{
    format,
    lang::{Lang, filled},
    layout::{CardImage, PageStyle},
    links,
};
use crate::domain::{Edition, feed::FeedRow, ids::DisciplineSlug, photo::Rendition};

/// The narrowest and the widest shape (width / height) that a gallery shows; others are cropped. A photo's own page shows it whole.
const NARROWEST: f64 = 0.62;
const WIDEST: f64 = 2.2;
/// The longest edge, in pixels, of the image of a preview for a photo without a card.
const CARD_EDGE_PX: u32 = 1280;
/// The number of photos that are fetched at once; the others are fetched as they come near.
const EAGER: usize = 2;
/// The smallest number of photos that make a stack: two stand side by side.
const STACK_LEAST: usize = 3;

/// A photo of a gallery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// The class name in the page's style element.
    pub class: String,
    /// The photo's id.
    pub id: String,
    /// The address of the photo's page.
    pub href: String,
    /// The caption, or a substitute.
    pub title: String,
    /// The credit line.
    pub credit: String,
    /// The school's name, unless the title contains it already; may be empty.
    pub school: String,
    /// The discipline, if there is one.
    pub tray: Option<DisciplineBadge>,
    /// The image.
    pub picture: Picture,
    /// How long it is if it is a video, such as `0:34`; `None` for a photo.
    pub video: Option<String>,
    /// That a moderator picked it, and when; empty if none has.
    pub picked: String,
    /// The number of photos that were sent together with this one and are not shown beside it, in words; empty if it stands for itself.
    pub stack: String,
    /// The other photos of the stack, which open below this one; empty if they are not on this page.
    pub more: Vec<Self>,
}

/// The badge of a discipline, which is a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisciplineBadge {
    /// The slug, which selects the colour and the icon.
    pub slug: String,
    /// The name.
    pub name: String,
    /// The address of the discipline's photos.
    pub href: String,
}

/// An image in all available sizes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// The image in formats that not every browser reads, in order of preference.
    pub sources: Vec<Source>,
    /// The address for browsers that ignore `srcset`.
    pub src: String,
    /// All sizes as JPEG.
    pub srcset: String,
    /// The value of the attribute `sizes`: how wide it is shown.
    pub sizes: String,
    /// Width of the original, for its shape.
    pub width: u32,
    /// Height of the original.
    pub height: u32,
    /// The alternative text; empty if the caption beside the image serves as one.
    pub alt: String,
    /// Whether it is fetched at once.
    pub eager: bool,
}

/// An image in one format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The content type.
    pub kind: &'static str,
    /// All sizes in this format.
    pub srcset: String,
}

impl DisciplineBadge {
    /// Returns the badge of the discipline with this slug; one that `edition` no longer has is named by its slug.
    pub fn new(edition: Option<&Edition>, slug: &DisciplineSlug, lang: Lang) -> Self {
        let known = edition.and_then(|edition| edition.discipline(slug));
        let name = edition
            .zip(known)
            .map_or_else(|| slug.to_string(), |(edition, discipline)| lang.discipline(edition, discipline).to_owned());
        Self { slug: slug.to_string(), name, href: links::discipline(slug) }
    }
}

impl Picture {
    /// Returns the picture of a published photo, shown at `sizes`.
    pub fn new(row: &FeedRow, alt: String, sizes: String, eager: bool) -> Self {
        let of_kind = |kind: &str| -> Vec<&Rendition> {
            row.renditions.iter().filter(|r| r.is_whole() && r.content_type() == kind).collect()
        };
        let srcset = |renditions: &[&Rendition]| {
            let sources = renditions.iter().map(|r| format!("{} {}w", links::rendition(row, r), r.width));
            sources.collect::<Vec<_>>().join(", ")
        };
        let modern = ["image/avif", "image/webp"].into_iter().filter_map(|kind| {
            let renditions = of_kind(kind);
            (!renditions.is_empty()).then(|| Source { kind, srcset: srcset(&renditions) })
        });
        let jpegs = of_kind("image/jpeg");
        let usual = nearest(&jpegs, 640).map(|rendition| links::rendition(row, rendition)).unwrap_or_default();
        Self {
            sources: modern.collect(),
            src: usual,
            srcset: srcset(&jpegs),
            sizes,
            width: row.width,
            height: row.height,
            alt,
            eager,
        }
    }
}

/// Returns the rendition whose longest edge is nearest to `edge` pixels; never the card.
pub fn nearest<'a>(renditions: &[&'a Rendition], edge: u32) -> Option<&'a Rendition> {
    renditions
        .iter()
        .copied()
        .filter(|rendition| rendition.is_whole())
        .min_by_key(|rendition| rendition.width.max(rendition.height).abs_diff(edge))
}

/// Returns the preview image of a page that shows this photo first, on the site at `site_origin`: the photo's card, or the photo itself if
/// it has none.
///
/// Decision: the preview of a school's and an edition's page shows its newest photo. A card with the school's name would need a font among
/// our dependencies and a codec in this function, and says no more than the title that every network prints beside it.
pub fn card_image(row: &FeedRow, lang: Lang, site_origin: &str) -> Option<CardImage> {
    let jpegs: Vec<&Rendition> = row.renditions.iter().filter(|r| r.content_type() == "image/jpeg").collect();
    let made = jpegs.iter().copied().find(|rendition| !rendition.is_whole());
    let image = made.or_else(|| nearest(&jpegs, CARD_EDGE_PX))?;
    Some(CardImage {
        url: format!("{site_origin}{}", links::rendition(row, image)),
        width: image.width,
        height: image.height,
        alt: if row.alt.is_empty() { title(row, lang) } else { row.alt.clone() },
    })
}

/// Returns the tiles of one page's photos, and their style element.
pub fn tiles(edition: Option<&Edition>, rows: &[FeedRow], lang: Lang) -> (Vec<Tile>, Option<PageStyle>) {
    let tiles = rows.iter().enumerate().map(|(i, row)| tile(edition, row, lang, i)).collect();
    let css: String = rows.iter().enumerate().map(|(i, row)| rule(i + 1, row, clamped(row))).collect();
    (tiles, (!css.is_empty()).then_some(PageStyle { css }))
}

/// What the photos of one batch have in common: caption, credit and school.
pub type Batch = (String, String, Option<String>);

/// Returns the batch of a photo; `None` if it has neither a caption nor a credit, so that nothing tells who sent it.
pub fn batch(row: &FeedRow) -> Option<Batch> {
    let said = !row.caption.is_empty() || !row.credit.is_empty();
    said.then(|| (row.caption.clone(), row.credit.clone(), row.school.as_ref().map(|school| school.name.clone())))
}

/// Puts the tiles of each batch into one stack, at the place of the first of them. `rows` are the photos of `tiles`, in the same order.
/// Fewer than three of one batch stay as they are.
pub fn stacked(tiles: Vec<Tile>, rows: &[FeedRow], lang: Lang) -> Vec<Tile> {
    let mut sizes: BTreeMap<Batch, usize> = BTreeMap::new();
    for batch in rows.iter().filter_map(batch) {
        *sizes.entry(batch).or_default() += 1;
    }
    let mut firsts: BTreeMap<Batch, usize> = BTreeMap::new();
    let mut list: Vec<Tile> = Vec::with_capacity(tiles.len());
    for (mut tile, row) in tiles.into_iter().zip(rows) {
        let large = batch(row).and_then(|batch| {
            let size = sizes.get(&batch).copied().filter(|size| *size >= STACK_LEAST)?;
            Some((batch, size))
        });
        let Some((batch, size)) = large else {
            list.push(tile);
            continue;
        };
        if let Some(first) = firsts.get(&batch).and_then(|first| list.get_mut(*first)) {
            tile.picture.eager = false;
            first.more.push(tile);
        } else {
            tile.stack = lang.counted(u64::try_from(size).unwrap_or(u64::MAX), &lang.words().photos);
            firsts.insert(batch, list.len());
            list.push(tile);
        }
    }
    list
}

/// Returns the style element of one photo's own page, with the photo uncropped.
pub fn alone(row: &FeedRow) -> PageStyle {
    // An image is never enlarged.
    let largest = row
        .renditions
        .iter()
        .filter(|rendition| rendition.is_whole())
        .map(|rendition| rendition.width)
        .max()
        .unwrap_or(row.width);
    PageStyle { css: format!("{}.p1{{--w:{largest}px}}", rule(1, row, ratio(row))) }
}

/// Returns the title of a photo: its caption, or where it comes from.
pub fn title(row: &FeedRow, lang: Lang) -> String {
    match (&row.caption, &row.school) {
        (caption, _) if !caption.is_empty() => caption.clone(),
        (_, Some(school)) => filled(lang.words().untitled_school, &[("school", &school.name)]),
        (_, None) => lang.words().untitled.into(),
    }
}

/// Says that a moderator picked the photo, and when; empty if none has.
pub fn picked(row: &FeedRow, lang: Lang) -> String {
    row.picked_at.map(|at| filled(lang.words().picked, &[("time", &format::time(at))])).unwrap_or_default()
}

fn tile(edition: Option<&Edition>, row: &FeedRow, lang: Lang, i: usize) -> Tile {
    let school = row.school.as_ref().filter(|_| !row.caption.is_empty()).map(|school| school.name.clone());
    let shape = clamped(row);
    // Beyond 160rem everything is larger, see `base.css`; in this attribute a rem is always 16 pixels.
    let sizes = format!("(min-width: 160rem) {:.0}rem, (min-width: 46rem) {:.0}rem, 48vw", shape * 30.0, shape * 19.0);
    Tile {
        class: format!("p{}", i + 1),
        id: row.id.to_string(),
        href: links::photo(&row.id),
        title: title(row, lang),
        credit: row.credit.clone(),
        school: school.unwrap_or_default(),
        tray: row.discipline.as_ref().map(|slug| DisciplineBadge::new(edition, slug, lang)),
        picture: Picture::new(row, row.alt.clone(), sizes, i < EAGER),
        video: row.film.as_ref().map(|film| format::duration(film.duration_ms)),
        picked: picked(row, lang),
        stack: String::new(),
        more: Vec::new(),
    }
}

fn ratio(row: &FeedRow) -> f64 {
    f64::from(row.width.max(1)) / f64::from(row.height.max(1))
}

fn clamped(row: &FeedRow) -> f64 {
    ratio(row).clamp(NARROWEST, WIDEST)
}

/// Returns the CSS rule with one photo's shape, dominant colour, and the colours of its placeholder's corners. It has only numbers and
/// hexadecimal digits: values of any other form are left out.
fn rule(n: usize, row: &FeedRow, shape: f64) -> String {
    let mut css = format!(".p{n}{{--ar:{shape:.3}");
    if is_color(&row.color) {
        let _ = write!(css, ";--c:{}", row.color);
    }
    if let Some([tl, tr, bl, br]) = corners(&row.placeholder) {
        let _ = write!(css, ";--tl:{tl};--tr:{tr};--bl:{bl};--br:{br}");
    }
    css.push('}');
    css
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Returns the mean colours of the four quarters of a ThumbHash, as `#rrggbb`: top left, top right, bottom left, bottom right.
fn corners(placeholder: &str) -> Option<[String; 4]> {
    let hash = BASE64.decode(placeholder.as_bytes()).ok()?;
    // The decoder reads the header without checking the length.
    if hash.len() < 5 {
        return None;
    }
    let (width, height, rgba) = thumbhash::thumb_hash_to_rgba(&hash).ok()?;
    let quarter = |right: bool, below: bool| {
        let inside = |at: usize, length: usize, far: bool| (at >= length / 2) == far;
        let mut sum = [0_usize; 3];
        let mut n = 0_usize;
        for (i, pixel) in rgba.chunks_exact(4).enumerate() {
            if inside(i % width, width, right) && inside(i / width, height, below) {
                sum = [0, 1, 2].map(|channel| sum[channel] + usize::from(pixel[channel]));
                n += 1;
            }
        }
        let [r, g, b] = sum.map(|channel| channel / n.max(1));
        format!("#{r:02x}{g:02x}{b:02x}")
    };
    Some([quarter(false, false), quarter(true, false), quarter(false, true), quarter(true, true)])
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_style_element_holds_nothing_that_people_wrote() {
        let mut row = sample::rows(1).remove(0);
        row.color = "red}</style><script>".into();
        row.placeholder = "not a hash".into();
        let (_, style) = tiles(None, &[row], Lang::En);
        assert_eq!(style.unwrap().css, ".p1{--ar:1.333}");
    }

    #[test]
    fn each_photo_has_a_shape_and_four_colours() {
        let rows = sample::rows(3);
        let (tiles, style) = tiles(None, &rows, Lang::En);
        let css = style.unwrap().css;
        assert_eq!(tiles.len(), 3);
        for n in 1..=3 {
            assert!(css.contains(&format!(".p{n}{{--ar:")), "{css}");
        }
        assert_eq!(css.matches("--br:#").count(), 3);
    }

    #[test]
    fn a_short_or_hostile_hash_gives_no_colours() {
        for hash in ["", "AA==", "AAAA", "AAAAAAAAAAAA", "/////////w=="] {
            let _ = corners(hash);
        }
        assert_eq!(corners("AAAA"), None);
    }

    #[test]
    fn a_browser_is_offered_the_format_of_fewest_bytes_first() {
        let mut row = sample::rows(1).remove(0);
        let webps =
            row.renditions.iter().map(|jpeg| Rendition { name: jpeg.name.replace(".jpg", ".webp"), ..jpeg.clone() });
        row.renditions = row.renditions.iter().cloned().chain(webps).collect();
        let picture = Picture::new(&row, String::new(), "50vw".into(), true);
        let [webp] = &*picture.sources else { panic!("{:?}", picture.sources) };
        assert_eq!(webp.kind, "image/webp");
        assert_eq!(webp.srcset, picture.srcset.replace(".jpg", ".webp"));
        assert!(picture.src.ends_with("/640.jpg"), "{}", picture.src);
    }

    #[test]
    fn a_video_s_tile_says_how_long_it_is() {
        let rows = [sample::video().unwrap(), sample::rows(1).remove(0)];
        let (tiles, _) = tiles(None, &rows, Lang::En);
        assert_eq!(tiles.iter().map(|tile| tile.video.as_deref()).collect::<Vec<_>>(), [Some("0:34"), None]);
    }

    #[test]
    fn photos_sent_together_are_a_stack_and_none_is_lost() {
        let mut rows = sample::rows(12);
        for (i, row) in rows.iter_mut().enumerate() {
            let together = i % 2 == 1;
            row.school = None;
            row.credit = if together { "Jo".into() } else { format!("Number {i}") };
            row.caption = if together { "Prep room 2".into() } else { format!("Caption {i}") };
        }
        // Nothing tells who sent these, so they are not a batch.
        for row in &mut rows[8..] {
            (row.caption, row.credit) = (String::new(), String::new());
        }
        let (tiles, _) = tiles(None, &rows, Lang::En);
        let list = stacked(tiles, &rows, Lang::En);
        assert_eq!(list.len(), 12 - 3);
        let stack = &list[1];
        assert_eq!((stack.more.len(), &*stack.stack), (3, "4 photos"));
        assert!(stack.picture.eager && stack.more.iter().all(|tile| !tile.picture.eager));
        let mut ids: Vec<_> =
            list.iter().flat_map(|tile| [tile].into_iter().chain(&tile.more)).map(|t| &t.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 12, "each photo is in the list once");
    }

    #[test]
    fn two_photos_are_no_stack() {
        let mut rows = sample::rows(3);
        for row in &mut rows[..2] {
            (row.caption, row.credit, row.school) = ("Prep room 2".into(), "Jo".into(), None);
        }
        let (tiles, _) = tiles(None, &rows, Lang::En);
        let list = stacked(tiles, &rows, Lang::En);
        assert!(list.len() == 3 && list.iter().all(|tile| tile.stack.is_empty() && tile.more.is_empty()));
    }

    #[test]
    fn only_the_first_two_are_fetched_at_once() {
        let (tiles, _) = tiles(None, &sample::rows(4), Lang::En);
        assert_eq!(tiles.iter().map(|tile| tile.picture.eager).collect::<Vec<_>>(), [true, true, false, false]);
    }
}
