//! What all pages share: the head, the header with its navigation, the footer.

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
    /// A sentence for search engines and previews; empty for none.
    pub description: String,
    /// The page's one address, absolute; empty where it should not be remembered.
    pub canonical: String,
    /// Whether search engines may list it.
    pub indexed: bool,
    /// Which item of the navigation it belongs to.
    pub nav: Nav,
    /// Entry modules, as paths below `assets/`, such as `js/upload/add.js`.
    pub modules: Vec<&'static str>,
    /// Style sheets beside `css/site.css`, as paths below `assets/`.
    pub styles: Vec<&'static str>,
    /// Rules of this page alone, such as the shapes of its photos.
    pub page_style: Option<PageStyle>,
    /// Who is signed in; none on all public pages.
    pub member: Option<String>,
    /// What other sites show of it, where that is more than its title and description.
    pub card: Option<Card>,
    /// The same content in other forms: a feed, what oEmbed says.
    pub alternates: Vec<Alternate>,
    /// Who may show it in a layout.
    pub framed: Framed,
    /// The language that it speaks.
    pub lang: Lang,
    /// The same page in the other language, from the root of the site; none where it does not speak it.
    pub translated: Option<String>,
    /// Whether the organiser trusts devices: what is said of looking at photos is then said otherwise.
    pub trusting: bool,
    /// The pages of the console that they may see.
    pub console: Vec<ConsoleLink>,
}

/// An item of the console's navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleLink {
    /// Its address.
    pub href: String,
    /// Its name.
    pub name: &'static str,
}

/// Who may show a page in a layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framed {
    /// Nobody: no page can be put under another one's buttons.
    #[default]
    Never,
    /// Every site: the page has nothing to press but links.
    Anywhere,
}

/// What social networks show beside a link to the page, besides its title, description and address (Open Graph, and X's cards).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// `article` or `website`.
    pub kind: &'static str,
    /// What it is called there.
    pub title: String,
    /// The site's name: the edition.
    pub site_name: String,
    /// When it was published, for programs; empty where it changes.
    pub published_iso: String,
    /// The image, if there is one.
    pub image: Option<CardImage>,
}

/// A card's image: always JPEG, which every crawler reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardImage {
    /// Its absolute address.
    pub url: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// What it shows, for those who cannot see it.
    pub alt: String,
}

/// The page in another form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternate {
    /// Its content type.
    pub kind: &'static str,
    /// Its address.
    pub href: String,
    /// What it is.
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
    /// The day, its figures, its schools.
    Day,
}

impl Layout {
    /// A public page that search engines may list.
    pub fn public(title: impl Into<String>, nav: Nav) -> Self {
        Self { title: title.into(), nav, indexed: true, ..Self::default() }
    }

    /// A page that is nobody else's business: the uploader's own, the moderators'.
    pub fn private(title: impl Into<String>, nav: Nav) -> Self {
        Self { title: title.into(), nav, ..Self::default() }
    }

    /// The same with the words that are true of `edition`: whether its organiser trusts devices.
    #[must_use]
    pub fn for_edition(mut self, edition: Option<&Edition>) -> Self {
        self.trusting = edition.is_some_and(|edition| edition.trust.is_some());
        self
    }

    /// The same with a sentence for search engines and previews.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The same with a feed of its photos, in both forms.
    #[must_use]
    pub fn with_feed(mut self, edition: Option<&EditionSlug>, filter: &Filter, title: &str) -> Self {
        for (kind, base) in [("application/rss+xml", links::RSS), ("application/feed+json", links::JSON_FEED)] {
            let href = links::feed_of(base, edition, filter);
            self.alternates.push(Alternate { kind, href, title: title.to_owned() });
        }
        self
    }

    /// The same with entry modules.
    #[must_use]
    pub fn with_modules(mut self, modules: &[&'static str]) -> Self {
        self.modules.extend_from_slice(modules);
        self
    }

    /// The same with style sheets beside `css/site.css`.
    #[must_use]
    pub fn with_styles(mut self, styles: &[&'static str]) -> Self {
        self.styles.extend_from_slice(styles);
        self
    }

    /// The title of the browser's tab.
    pub fn full_title(&self) -> String {
        if self.title.is_empty() {
            "#TECHOGNITION photo day".into()
        } else if self.title.starts_with("#TECHOGNITION") {
            // An edition's own name.
            self.title.clone()
        } else {
            format!("{} · #TECHOGNITION", self.title)
        }
    }

    /// What other sites show of it: its own card, else one of its title and description, with our own image where there is none of a
    /// photo. None of a page that has no address to share.
    ///
    /// That image, `images/card.jpg`, is a picture of the wordmark, the home page's claim and its shelf; it is drawn anew when they change.
    pub fn shown_card(&self) -> Option<Card> {
        if self.canonical.is_empty() {
            return None;
        }
        let card = self.card.clone().unwrap_or_else(|| Card {
            kind: "website",
            title: if self.title.is_empty() { self.full_title() } else { self.title.clone() },
            site_name: "#TECHOGNITION".to_owned(),
            published_iso: String::new(),
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

    /// What stands before the path in the page's own address.
    fn site(&self) -> &str {
        let path_at = self.canonical.match_indices('/').nth(2).map_or(self.canonical.len(), |(at, _)| at);
        self.canonical.get(..path_at).unwrap_or_default()
    }

    /// The address of an asset, such as `css/site.css`.
    pub fn asset(&self, path: &str) -> String {
        assets::url(path)
    }

    /// The page's entry modules: those of every page, then its own.
    pub fn entries(&self) -> Vec<&'static str> {
        assets::EVERY_PAGE
            .iter()
            .copied()
            .filter(|path| assets::find(path).is_some())
            .chain(self.modules.iter().copied())
            .collect()
    }

    /// Every module that the entries import, directly or not, without the entries themselves.
    pub fn preloads(&self) -> Vec<&'static str> {
        let entries = self.entries();
        assets::module_graph(&entries).into_iter().filter(|module| !entries.contains(module)).collect()
    }

    /// What the page's modules say, as JSON for an attribute: the phrases that they name, those that are fetched only when they are
    /// needed included. None where no module speaks.
    pub fn phrases(&self) -> Option<String> {
        let modules = assets::all_modules(&self.entries());
        modules.contains(&assets::WORDS).then(|| self.lang.phrases(&assets::phrases(&modules), self.trusting))
    }

    /// The page's words.
    pub fn words(&self) -> &'static Messages {
        self.lang.words()
    }

    /// The address of another page in this page's language, where it speaks it.
    pub fn to(&self, href: &str) -> String {
        self.lang.address(href)
    }

    /// The same in `lang`, with a link to the same page in the other one. `here` is its address without a language.
    #[must_use]
    pub fn speaking(mut self, lang: Lang, here: &str) -> Self {
        self.lang = lang;
        self.translated = Some(lang.other().address(here));
        self
    }

    /// The page in every language that it speaks, itself among them, by the language's tag: absolute addresses, since search engines
    /// take no others. Nothing where there is no other language, or where no search engine shall remember it.
    pub fn in_each_language(&self) -> Vec<(&'static str, String)> {
        let Some(translated) = self.translated.as_ref().filter(|_| !self.canonical.is_empty()) else {
            return Vec::new();
        };
        vec![
            (self.words().lang, self.canonical.clone()),
            (self.lang.other().words().lang, format!("{}{translated}", self.site())),
        ]
    }

    /// Whether the navigation's item is the current one, for `aria-current`.
    pub fn is(&self, nav: Nav) -> bool {
        self.nav == nav
    }
}

/// The content of the page's one `<style>` element. Its text is made by us alone: no character of it comes from people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageStyle {
    /// The rules.
    pub css: String,
}

impl PageStyle {
    /// The source expression that lets the content security policy allow exactly this text.
    pub fn csp_source(&self) -> String {
        format!("'sha256-{}'", BASE64.encode(&Sha256::digest(self.css.as_bytes())))
    }
}
