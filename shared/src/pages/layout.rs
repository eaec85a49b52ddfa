//! The layout that all pages share: the head, the header with its navigation, the footer.

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::{
    assets,
    lang::{Lang, Messages},
    links,
};
use crate::domain::{Edition, feed::Filter, ids::EditionSlug};

/// What `base.html` prints around a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The page's own title; the site's name is added to it. Empty on the home page.
    pub title: String,
    /// A sentence for search engines and previews; may be empty.
    pub description: String,
    /// The page's canonical address, absolute; empty if the page should not be remembered.
    pub canonical: String,
    /// Whether search engines may list the page.
    pub indexed: bool,
    /// The item of the navigation that the page belongs to.
    pub nav: Nav,
    /// Entry modules, as paths below `assets/`, such as `js/upload/add.js`.
    pub modules: Vec<&'static str>,
    /// Modules that the page's own fetch when they are needed, by an address that the page tells them; paths below `assets/`.
    pub late_modules: Vec<&'static str>,
    /// Style sheets beside `css/site.css`, as paths below `assets/`.
    pub styles: Vec<&'static str>,
    /// CSS rules for this page alone, such as the shapes of its photos.
    pub page_style: Option<PageStyle>,
    /// The signed-in member's name; `None` on all public pages.
    pub member: Option<String>,
    /// The preview on other sites, if it has more than the title and description.
    pub card: Option<Card>,
    /// The same content in other forms: feeds and oEmbed.
    pub alternates: Vec<Alternate>,
    /// The videos that the page plays, which its policy must allow.
    pub plays: Plays,
    /// Which sites may show the page in a frame.
    pub framed: Framed,
    /// The page's language.
    pub lang: Lang,
    /// The address of the page in the other language, from the root of the site; `None` if the page is not translated.
    pub translated: Option<String>,
    /// Whether the organiser trusts devices: texts about checking photos are different then.
    pub trusting: bool,
    /// The pages of the console that the member may see.
    pub console: Vec<ConsoleLink>,
}

/// An item of the console's navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleLink {
    /// The address.
    pub href: String,
    /// The item's name.
    pub name: &'static str,
}

/// The videos that a page plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plays {
    /// None.
    #[default]
    Nothing,
    /// Videos of this site.
    Ours,
    /// Videos that its user chooses on the device.
    Chosen,
}

/// Which sites may show a page in a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framed {
    /// No site, so that no page can be placed under another one's buttons.
    #[default]
    Never,
    /// Every site: the page has nothing to press but links.
    Anywhere,
}

/// The preview that social networks show beside a link to the page, in addition to its title, description and address (Open Graph, and X's
/// cards).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// `article` or `website`.
    pub kind: &'static str,
    /// The title in the preview.
    pub title: String,
    /// The site's name: the edition.
    pub site_name: String,
    /// When it was published, for programs; empty for a page that changes.
    pub published_iso: String,
    /// The image, if there is one.
    pub image: Option<CardImage>,
    /// The video, if the page is one's; its picture is the image.
    pub video: Option<CardVideo>,
}

/// The video of a preview, an MP4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardVideo {
    /// The absolute address.
    pub url: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// The image of a preview: always JPEG, which every crawler reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardImage {
    /// The absolute address.
    pub url: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The alternative text.
    pub alt: String,
}

/// The page in another form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternate {
    /// The content type.
    pub kind: &'static str,
    /// The address.
    pub href: String,
    /// The title.
    pub title: String,
}

/// An item of the navigation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nav {
    /// None of them.
    #[default]
    None,
    /// The home page.
    Home,
    /// The gallery.
    Gallery,
    /// Adding photos.
    Add,
    /// The photos of this device.
    Mine,
    /// The day, its statistics and its schools.
    Day,
}

impl Layout {
    /// Creates the layout of a public page that search engines may list.
    pub fn public(title: impl Into<String>, nav: Nav) -> Self {
        Self { title: title.into(), nav, indexed: true, ..Self::default() }
    }

    /// Creates the layout of a page for one person: an uploader's own, or a member's.
    pub fn private(title: impl Into<String>, nav: Nav) -> Self {
        Self { title: title.into(), nav, ..Self::default() }
    }

    /// Returns the layout with the texts that apply to `edition`: whether its organiser trusts devices.
    #[must_use]
    pub fn for_edition(mut self, edition: Option<&Edition>) -> Self {
        self.trusting = edition.is_some_and(|edition| edition.trust.is_some());
        self
    }

    /// Returns the layout with a sentence for search engines and previews.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Returns the layout with a feed of its photos, as RSS and as JSON Feed.
    #[must_use]
    pub fn with_feed(mut self, edition: Option<&EditionSlug>, filter: &Filter, title: &str) -> Self {
        for (kind, base) in [("application/rss+xml", links::RSS), ("application/feed+json", links::JSON_FEED)] {
            let href = links::feed_of(base, edition, filter);
            self.alternates.push(Alternate { kind, href, title: title.to_owned() });
        }
        self
    }

    /// Returns the layout with further entry modules.
    #[must_use]
    pub fn with_modules(mut self, modules: &[&'static str]) -> Self {
        self.modules.extend_from_slice(modules);
        self
    }

    /// Returns the layout with further style sheets beside `css/site.css`.
    #[must_use]
    pub fn with_styles(mut self, styles: &[&'static str]) -> Self {
        self.styles.extend_from_slice(styles);
        self
    }

    /// Returns the title of the browser's tab.
    pub fn full_title(&self) -> String {
        if self.title.is_empty() {
            "#TECHOGNITION photo day".into()
        } else if self.title.starts_with("#TECHOGNITION") {
            // The name of an edition.
            self.title.clone()
        } else {
            format!("{} · #TECHOGNITION", self.title)
        }
    }

    /// Returns the preview on other sites: the page's own card, otherwise one made from its title and description. Without a photo's image
    /// it has our own. `None` for a page without a canonical address.
    ///
    /// That image, `images/card.jpg`, shows the wordmark, the home page's claim and its shelf; it is drawn again when they change.
    pub fn shown_card(&self) -> Option<Card> {
        if self.canonical.is_empty() {
            return None;
        }
        let card = self.card.clone().unwrap_or_else(|| Card {
            kind: "website",
            title: if self.title.is_empty() { self.full_title() } else { self.title.clone() },
            site_name: "#TECHOGNITION".to_owned(),
            published_iso: String::new(),
            video: None,
            image: None,
        });
        let ours = || CardImage {
            url: format!("{}{}", self.site(), self.asset("images/card.jpg")),
            width: 1200,
            height: 630,
            alt: format!("#TECHOGNITION. {}", self.words().home_claim),
        };
        Some(Card { image: card.image.or_else(|| Some(ours())), ..card })
    }

    /// Returns the part of the canonical address before the path.
    fn site(&self) -> &str {
        let path_at = self.canonical.match_indices('/').nth(2).map_or(self.canonical.len(), |(at, _)| at);
        self.canonical.get(..path_at).unwrap_or_default()
    }

    /// Returns the address of an asset, such as `css/site.css`.
    pub fn asset(&self, path: &str) -> String {
        assets::url(path)
    }

    /// Returns the page's entry modules: those of every page, then its own.
    pub fn entries(&self) -> Vec<&'static str> {
        assets::EVERY_PAGE
            .iter()
            .copied()
            .filter(|path| assets::find(path).is_some())
            .chain(self.modules.iter().copied())
            .collect()
    }

    /// Returns every module that the entries import, directly or not, without the entries themselves.
    pub fn preloads(&self) -> Vec<&'static str> {
        let entries = self.entries();
        assets::module_graph(&entries).into_iter().filter(|module| !entries.contains(module)).collect()
    }

    /// Returns the phrases that the page's modules name, as JSON for an attribute, including those of modules that are fetched only when
    /// they are needed. `None` if no module shows text.
    pub fn phrases(&self) -> Option<String> {
        let modules = assets::all_modules(&[self.entries(), self.late_modules.clone()].concat());
        modules.contains(&assets::WORDS).then(|| self.lang.phrases(&assets::phrases(&modules), self.trusting))
    }

    /// Returns the texts of the page's language.
    pub fn words(&self) -> &'static Messages {
        self.lang.words()
    }

    /// Returns the address of another page, in this page's language if that page is translated.
    pub fn to(&self, href: &str) -> String {
        self.lang.address(href)
    }

    /// Returns the layout in `lang`, with a link to the same page in the other language. `here` is its address without a language.
    #[must_use]
    pub fn speaking(mut self, lang: Lang, here: &str) -> Self {
        self.lang = lang;
        self.translated = Some(lang.other().address(here));
        self
    }

    /// Returns the absolute addresses of the page in each of its languages, including its own, by the language's tag; search engines accept
    /// only absolute ones. Empty if there is no other language, or no canonical address.
    pub fn in_each_language(&self) -> Vec<(&'static str, String)> {
        let Some(translated) = self.translated.as_ref().filter(|_| !self.canonical.is_empty()) else {
            return Vec::new();
        };
        vec![
            (self.words().lang, self.canonical.clone()),
            (self.lang.other().words().lang, format!("{}{translated}", self.site())),
        ]
    }

    /// Whether this item of the navigation is the current one, for `aria-current`.
    pub fn is(&self, nav: Nav) -> bool {
        self.nav == nav
    }
}

/// The content of the page's only `<style>` element. It never contains text that comes from people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageStyle {
    /// The CSS rules.
    pub css: String,
}

impl PageStyle {
    /// Returns the source expression that lets the content security policy allow exactly this text.
    pub fn csp_source(&self) -> String {
        format!("'sha256-{}'", BASE64.encode(&Sha256::digest(self.css.as_bytes())))
    }
}
