//! The text of a post about a page for each network: the caption, the credit line, the edition's hashtags and the sponsors' handles,
//! shortened to fit. The later tags are left out first, then the credit line, then the end of the caption; the address and the first tag
//! stay.

use shared::{
    domain::{Edition, feed::FeedRow},
    pages::{lang::Lang, links, tile},
};
use unicode_segmentation::UnicodeSegmentation;

/// How a network counts the length of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Grapheme clusters; the address counts like any other text (Bluesky, at most 300).
    Graphemes,
    /// X's weights, at most 280: an address counts as 23, characters of most scripts with spaces as 1, everything else as 2.
    Weighted,
}

/// A network to share on.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// The network's name.
    pub name: &'static str,
    /// Longest post, in the unit of `count`.
    pub limit: usize,
    /// How the length is counted.
    pub count: Count,
    link: fn(&str) -> String,
}

/// The networks whose drafts take a text.
pub const NETWORKS: [Network; 4] = [
    Network { name: "Bluesky", limit: 300, count: Count::Graphemes, link: links::share_bluesky },
    Network { name: "Threads", limit: 500, count: Count::Graphemes, link: links::share_threads },
    Network { name: "X", limit: 280, count: Count::Weighted, link: links::share_x },
    Network { name: "WhatsApp", limit: 4_000, count: Count::Graphemes, link: links::share_whatsapp },
];

/// A link that opens a draft on a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The link's address.
    pub href: String,
    /// The network's name.
    pub name: &'static str,
}

/// The content of a post about a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Post {
    /// What the page is about, such as a caption.
    pub words: String,
    /// The credit line; may be empty.
    pub by: String,
    /// The hashtags and the sponsors' handles, `#TECHOGNITION` first.
    pub tags: Vec<String>,
    /// The address of the page.
    pub address: String,
}

impl Post {
    /// Builds the post about a photo.
    pub fn about_photo(edition: Option<&Edition>, row: &FeedRow, lang: Lang, address: &str) -> Self {
        let school = row.school.as_ref().map(|school| school.name.as_str()).filter(|_| !row.caption.is_empty());
        let by = [Some(row.credit.as_str()).filter(|credit| !credit.is_empty()), school];
        Self::new(edition, tile::title(row, lang), by.into_iter().flatten().collect::<Vec<_>>().join(", "), address)
    }

    /// Builds the post about any other page.
    pub fn new(edition: Option<&Edition>, words: String, by: String, address: &str) -> Self {
        let tags = edition.iter().flat_map(|edition| &edition.hashtags).map(|tag| format!("#{tag}"));
        let handles = edition.iter().flat_map(|edition| &edition.sponsors).filter_map(|sponsor| sponsor.handle.clone());
        Self { words, by, tags: tags.chain(handles).collect(), address: address.to_owned() }
    }

    /// Returns the text of the post, shortened to `limit`.
    pub fn text(&self, limit: usize, count: Count) -> String {
        let by = if self.by.is_empty() { String::new() } else { format!(" ({})", self.by) };
        let fits = |text: &str| count.of(text, &self.address) <= limit;
        let tags = self.tags.join(" ");
        let first = self.tags.first().cloned().unwrap_or_default();
        // From the longest ending to the shortest: all tags, then only the first tag, then no credit line either.
        let ends = [(by.as_str(), &tags), (by.as_str(), &first), ("", &first)];
        for (by, tags) in ends {
            let whole = self.with(&self.words, by, tags);
            if fits(&whole) {
                return whole;
            }
        }
        let graphemes: Vec<&str> = self.words.graphemes(true).collect();
        let cut = |n: usize| {
            let words: String = graphemes[..n].concat();
            self.with(&format!("{}…", words.trim_end()), "", &first)
        };
        let longest = (0..graphemes.len()).rev().map(cut).find(|text| fits(text));
        longest.unwrap_or_else(|| self.address.clone())
    }

    /// Returns links that open drafts, on networks that take a text and on those that take only an address.
    pub fn drafts(&self) -> Vec<Draft> {
        let with_text = NETWORKS.iter().map(|network| Draft {
            href: (network.link)(&self.text(network.limit, network.count)),
            name: network.name,
        });
        let mut drafts: Vec<_> = with_text.collect();
        drafts.push(Draft { href: links::share_facebook(&self.address), name: "Facebook" });
        drafts.push(Draft { href: links::share_linkedin(&self.address), name: "LinkedIn" });
        let body = self.text(usize::MAX, Count::Graphemes);
        drafts.push(Draft { href: links::share_email(&self.words, &body), name: "Email" });
        drafts
    }

    fn with(&self, words: &str, by: &str, tags: &str) -> String {
        [format!("{words}{by}"), tags.to_owned(), self.address.clone()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl Count {
    /// Returns the length of `text`, which contains `address` once.
    pub fn of(self, text: &str, address: &str) -> usize {
        match self {
            Self::Graphemes => text.graphemes(true).count(),
            // Every address is replaced by one of 23 characters. <https://docs.x.com/fundamentals/counting-characters>
            Self::Weighted => {
                let rest = text.strip_suffix(address).unwrap_or(text);
                let counted = if rest.len() < text.len() { 23 } else { 0 };
                counted + rest.chars().map(|c| if is_light(c) { 1 } else { 2 }).sum::<usize>()
            }
        }
    }
}

/// Whether X counts the character as one.
fn is_light(c: char) -> bool {
    matches!(u32::from(c), 0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::pages::sample;

    fn post(words: &str) -> Post {
        Post {
            words: words.into(),
            by: "The prep room, Sample Academy".into(),
            tags: vec!["#TECHOGNITION".into(), "@sample".into()],
            address: "https://photos.example/p/aeaqcaibaeaqcaibaeaqcaibae".into(),
        }
    }

    #[test]
    fn a_short_caption_is_told_with_everything() {
        let text = post("Crystals 💎").text(300, Count::Graphemes);
        assert_eq!(
            text,
            "Crystals 💎 (The prep room, Sample Academy) #TECHOGNITION @sample \
             https://photos.example/p/aeaqcaibaeaqcaibaeaqcaibae"
        );
    }

    #[test]
    fn every_caption_fits_every_network_and_keeps_tag_and_address() {
        let family = "👩‍👩‍👧‍👦".repeat(200);
        let captions = ["x".repeat(200), "ŵ".repeat(200), "理".repeat(200), family, "a b ".repeat(100), String::new()];
        for caption in &captions {
            let post = post(caption);
            for network in NETWORKS {
                let text = post.text(network.limit, network.count);
                assert!(network.count.of(&text, &post.address) <= network.limit, "{}: {text}", network.name);
                assert!(text.ends_with(&post.address) && text.contains("#TECHOGNITION"), "{}: {text}", network.name);
            }
        }
    }

    #[test]
    fn a_photo_s_drafts_name_every_network_once() {
        let row = sample::rows(1).remove(0);
        let names: Vec<_> = Post::about_photo(None, &row, Lang::En, "https://x.example")
            .drafts()
            .iter()
            .map(|draft| draft.name)
            .collect();
        assert_eq!(names, ["Bluesky", "Threads", "X", "WhatsApp", "Facebook", "LinkedIn", "Email"]);
    }
}
