//! The list of published photos that an organiser takes along after the day: which photos, what of each, and the list as CSV
//! (RFC 4180).
//!
//! Decision: CSV is written here and by no crate. Every cell is quoted, so that there is one case, and so that no separator that
//! somebody wrote begins a cell of its own. A cell that a spreadsheet program would take for a formula begins with `'`, which these
//! programs show as it is: a caption that begins with a hyphen has it, too. What must be exact is in the list as JSON.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    feed, keys,
    photo::{Consent, People, Photo},
    school::School,
    states::Lane,
    time,
};

/// What photos are to be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// To be shown on the site: all that are published.
    Web,
    /// To be shown on the event's social networks.
    Social,
    /// To be given to the press.
    Press,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 3] = [Self::Web, Self::Social, Self::Press];

    /// The purpose's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Social => "social",
            Self::Press => "press",
        }
    }

    /// Whether the sender of a photo agreed to it. What may not be shown on the site goes nowhere else.
    pub fn is_agreed(self, consent: &Consent) -> bool {
        match self {
            Self::Web => consent.web,
            Self::Social => consent.web && consent.social,
            Self::Press => consent.web && consent.press,
        }
    }
}

/// A photo in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Listed {
    /// Which photo.
    pub id: String,
    /// Its page, absolute: whether it still opens says whether the photo is still public.
    pub page: String,
    /// Its largest public JPEG, absolute and never signed.
    pub image: String,
    /// What it shows; may be empty.
    pub caption: String,
    /// The same for those who cannot see it; may be empty.
    pub alt: String,
    /// Whom it names; may be empty.
    pub credit: String,
    /// Its school.
    pub school: Option<School>,
    /// Its discipline's slug.
    pub discipline: Option<String>,
    /// Who is in the picture, as its sender says.
    pub people: People,
    /// What its sender agreed to.
    pub consent: Consent,
    /// When it was first published.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Timestamp,
}

/// The names of the columns, in their order.
const COLUMNS: [&str; 14] = [
    "id",
    "page",
    "image",
    "caption",
    "alt",
    "credit",
    "school",
    "discipline",
    "people",
    "web",
    "social",
    "press",
    "consent_version",
    "published_at",
];

impl Listed {
    /// A photo in the list for `purpose`, with addresses on the site at `origin`; none where it is not public now, its sender did
    /// not agree, or, for others than the site, a person has yet to look at it.
    pub fn of(photo: &Photo, purpose: Purpose, origin: &str) -> Option<Self> {
        // What is passed on cannot be taken back: nothing that a person has yet to look at goes to others.
        let settled = purpose == Purpose::Web || !matches!(photo.lane, Lane::Unseen | Lane::Reported);
        let row = feed::row(photo).filter(|_| settled && purpose.is_agreed(&photo.consent))?;
        // Of each size the JPEG comes before the WebP.
        let largest = row.renditions.iter().find(|rendition| rendition.is_whole());
        let path = largest.map(|rendition| keys::public_path(&row.id, &row.revision, &rendition.name));
        Some(Self {
            page: format!("{origin}/p/{}", row.id),
            image: path.map(|path| format!("{origin}{path}")).unwrap_or_default(),
            id: row.id.to_string(),
            caption: row.caption,
            alt: row.alt,
            credit: row.credit,
            school: row.school,
            discipline: row.discipline.map(|discipline| discipline.to_string()),
            people: photo.people,
            consent: photo.consent.clone(),
            published_at: row.published_at,
        })
    }

    /// Bytes that it takes in a list as JSON; as CSV it takes fewer.
    pub fn bytes(&self) -> usize {
        serde_json::to_vec(self).map_or(0, |json| json.len())
    }

    /// Its cells, as [`COLUMNS`] names them. Instants are those of clocks in London, where the event is.
    fn cells(&self) -> [String; COLUMNS.len()] {
        let yes = |agreed: bool| if agreed { "yes" } else { "no" }.to_owned();
        let people = match self.people {
            People::None => "none",
            People::Adults => "adults",
            People::Pupils => "pupils",
        };
        [
            self.id.clone(),
            self.page.clone(),
            self.image.clone(),
            self.caption.clone(),
            self.alt.clone(),
            self.credit.clone(),
            self.school.as_ref().map(|school| school.name.clone()).unwrap_or_default(),
            self.discipline.clone().unwrap_or_default(),
            people.to_owned(),
            yes(self.consent.web),
            yes(self.consent.social),
            yes(self.consent.press),
            self.consent.version.clone(),
            time::london(self.published_at),
        ]
    }
}

/// The list as CSV: UTF-8 with the mark by which spreadsheet programs know it, a line with the names of the columns, one line for
/// each photo; every line ends in CR LF.
pub fn csv(photos: &[Listed]) -> String {
    let names = line(&COLUMNS);
    let lines = photos.iter().map(|photo| line(&photo.cells()));
    std::iter::once(format!("\u{feff}{names}")).chain(lines).collect()
}

fn line(cells: &[impl AsRef<str>]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell.as_ref())).collect();
    format!("{}\r\n", cells.join(","))
}

fn quoted(cell: &str) -> String {
    let harmless = if is_formula(cell) { "'" } else { "" };
    format!("\"{harmless}{}\"", cell.replace('"', "\"\""))
}

/// Whether a spreadsheet program may take a cell for a formula; some take the wide forms of the signs, too.
fn is_formula(cell: &str) -> bool {
    let signs = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    cell.trim_start_matches(' ').starts_with(signs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{sample, states::State};

    fn listed(change: impl Fn(&mut Photo)) -> Option<Listed> {
        let mut photo = sample::published();
        change(&mut photo);
        Listed::of(&photo, Purpose::Press, "https://photos.example")
    }

    #[test]
    fn only_published_photos_of_those_who_agreed_are_listed() {
        for state in State::ALL {
            assert_eq!(listed(|photo| photo.state = state).is_some(), state == State::Published, "{state}");
        }
        for (web, social, press, purposes) in [
            (true, false, false, vec![Purpose::Web]),
            (true, true, false, vec![Purpose::Web, Purpose::Social]),
            (true, false, true, vec![Purpose::Web, Purpose::Press]),
            (true, true, true, Purpose::ALL.to_vec()),
            (false, true, true, vec![]),
        ] {
            let consent = Consent { version: "2027-1".into(), web, social, press };
            let photo = Photo { consent, ..sample::published() };
            let fit = |purpose: &Purpose| Listed::of(&photo, *purpose, "").is_some();
            assert_eq!(Purpose::ALL.into_iter().filter(fit).collect::<Vec<_>>(), purposes);
        }
    }

    #[test]
    fn a_list_opens_in_a_spreadsheet_program_and_says_all_of_a_photo() {
        let photo = sample::published();
        let revision = photo.revision.clone().unwrap();
        let list = csv(&[listed(|photo| photo.people = People::Adults).unwrap()]);
        let mut lines = list.strip_prefix('\u{feff}').unwrap().split("\r\n");
        let names = "\"id\",\"page\",\"image\",\"caption\",\"alt\",\"credit\",\"school\",\"discipline\",\"people\",\
                     \"web\",\"social\",\"press\",\"consent_version\",\"published_at\"";
        assert_eq!(lines.next(), Some(names));
        let (id, version) = (&photo.id, &photo.consent.version);
        let folder = format!("https://photos.example/m/{id}/{revision}");
        let line = format!(
            "\"{id}\",\"https://photos.example/p/{id}\",\"{folder}/2016.jpg\",\"Copper sulphate crystals on day \
             twelve\",\"Blue crystals in a glass dish\",\"The prep room\",\"Sample Academy\",\"science\",\"adults\",\
             \"yes\",\"no\",\"yes\",\"{version}\",\"2027-03-05T12:00:00+00:00\""
        );
        assert_eq!(lines.next(), Some(line.as_str()));
        assert_eq!((lines.next(), lines.next()), (Some(""), None));
    }

    #[test]
    fn quotes_separators_and_lines_stay_within_their_cell() {
        let written = line(&["", "a,b;c", "\"so\" they say", "two\r\nlines", "Ŵyr 💎"]);
        assert_eq!(written, "\"\",\"a,b;c\",\"\"\"so\"\" they say\",\"two\r\nlines\",\"Ŵyr 💎\"\r\n");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＋1", "－1", "＠A1"]
        {
            assert_eq!(quoted(formula), format!("\"'{formula}\""));
        }
        for plain in ["", "a=1", "1-2", "\"=1\"", "'=1", "technician@work"] {
            assert!(!is_formula(plain), "{plain}");
        }
        let list = csv(&[listed(|photo| photo.caption = "=HYPERLINK(\"https://x.example\")".into()).unwrap()]);
        assert!(list.contains(",\"'=HYPERLINK(\"\"https://x.example\"\")\","), "{list}");
    }

    #[test]
    fn a_photo_takes_no_more_as_csv_than_is_counted() {
        let photo = listed(|photo| (photo.caption, photo.alt) = ("\"".repeat(200), "-\\".repeat(150))).unwrap();
        assert!(line(&photo.cells()).len() <= photo.bytes(), "{}", photo.bytes());
    }
}
