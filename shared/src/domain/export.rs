//! The organiser's export of published photos after the day: which photos, which fields of each, and the list as CSV (RFC 4180).
//!
//! Decision: CSV is written here and not by a crate. Every cell is quoted, so that there is only one case, and so that a separator in a
//! text cannot begin a new cell. A cell that a spreadsheet program would take for a formula is prefixed with `'`, which these programs
//! display: a caption that begins with a hyphen gets the prefix, too. The list as JSON has the exact texts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    feed, keys,
    photo::{Consent, People, Photo},
    school::School,
    states::Lane,
    time,
    video::FILM_NAME,
};

/// The purpose that photos are exported for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// For the site: all published photos.
    Web,
    /// For the event's social networks.
    Social,
    /// For the press.
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

    /// Whether the uploader of a photo agreed to this purpose. A photo that may not be shown on the site may not be used elsewhere.
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
    /// The photo's id.
    pub id: String,
    /// The absolute address of the photo's page. It no longer opens once the photo is no longer public.
    pub page: String,
    /// The absolute address of the photo's largest public JPEG, of a video that of its poster; never signed.
    pub image: String,
    /// The absolute address of the file of a video, as the public sees and hears it; never signed. Null for a photo.
    pub video: Option<String>,
    /// What is heard in a video; empty for a photo, and for a video without sound.
    pub transcript: String,
    /// The caption; may be empty.
    pub caption: String,
    /// The alternative text; may be empty.
    pub alt: String,
    /// The credit line; may be empty.
    pub credit: String,
    /// The school; null if the photo has none.
    pub school: Option<School>,
    /// The slug of the discipline; null if the photo has none.
    pub discipline: Option<String>,
    /// Who is in the picture, according to its uploader.
    pub people: People,
    /// What the photo's uploader agreed to.
    pub consent: Consent,
    /// When the photo was first published.
    #[serde(serialize_with = "time::iso::serialize")]
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Timestamp,
}

/// The names of the columns, in order.
const COLUMNS: [&str; 16] = [
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
    // Columns of later releases are the last ones, so that the others keep their numbers.
    "video",
    "transcript",
];

impl Listed {
    /// Returns the list's entry for a photo, with addresses on the site at `origin`. `None` if the photo is not public now, if its uploader
    /// did not agree to `purpose`, or, for purposes other than the site, if a person has yet to look at it.
    pub fn new(photo: &Photo, purpose: Purpose, origin: &str) -> Option<Self> {
        // What is passed on cannot be taken back: a photo that a person has yet to look at is not passed on.
        let settled = purpose == Purpose::Web || !matches!(photo.lane, Lane::Unseen | Lane::Reported);
        let row = feed::row(photo).filter(|_| settled && purpose.is_agreed(&photo.consent))?;
        // For each size, the JPEG comes before the WebP.
        let largest = row.renditions.iter().find(|rendition| rendition.is_whole());
        let path = largest.map(|rendition| keys::public_path(&row.id, &row.revision, &rendition.name));
        let video = row.film.as_ref().map(|_| keys::public_path(&row.id, &row.revision, FILM_NAME));
        Some(Self {
            video: video.map(|path| format!("{origin}{path}")),
            transcript: row.film.map(|film| film.transcript).unwrap_or_default(),
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

    /// The size of the entry in bytes in a JSON list; in CSV it is smaller.
    pub fn bytes(&self) -> usize {
        serde_json::to_vec(self).map_or(0, |json| json.len())
    }

    /// Returns the cells in the order of [`COLUMNS`]. Instants are in London time, where the event takes place.
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
            self.video.clone().unwrap_or_default(),
            self.transcript.clone(),
        ]
    }
}

/// Returns the list as CSV: UTF-8 with a byte-order mark, which spreadsheet programs look for, one line with the names of the columns, and
/// one line for each photo. Every line ends in CR LF.
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

/// Whether a spreadsheet program may take a cell for a formula; some accept the full-width forms of the signs, too.
fn is_formula(cell: &str) -> bool {
    let signs = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    cell.trim_start_matches(' ').starts_with(signs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        edition::Edition,
        photo::Rendered,
        sample,
        states::{Decision, State},
        video::Film,
    };

    fn listed(change: impl Fn(&mut Photo)) -> Option<Listed> {
        let mut photo = sample::published();
        change(&mut photo);
        Listed::new(&photo, Purpose::Press, "https://photos.example")
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
            let fit = |purpose: &Purpose| Listed::new(&photo, *purpose, "").is_some();
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
                     \"web\",\"social\",\"press\",\"consent_version\",\"published_at\",\"video\",\"transcript\"";
        assert_eq!(lines.next(), Some(names));
        let (id, version) = (&photo.id, &photo.consent.version);
        let folder = format!("https://photos.example/m/{id}/{revision}");
        let line = format!(
            "\"{id}\",\"https://photos.example/p/{id}\",\"{folder}/2016.jpg\",\"Copper sulphate crystals on day \
             twelve\",\"Blue crystals in a glass dish\",\"The prep room\",\"Sample Academy\",\"science\",\"adults\",\
             \"yes\",\"no\",\"yes\",\"{version}\",\"2027-03-05T12:00:00+00:00\",\"\",\"\""
        );
        assert_eq!(lines.next(), Some(line.as_str()));
        assert_eq!((lines.next(), lines.next()), (Some(""), None));
    }

    #[test]
    fn a_video_is_listed_with_its_file_and_what_is_heard() {
        let spec = sample::video_spec(5);
        let edition = Edition { video_seconds: 60, ..sample::edition() };
        let reserved = sample::reserve(&edition, &spec, sample::noon()).unwrap().after;
        let film = Film { duration_ms: 34_000, bytes: 5_800_000, silent_bytes: Some(5_000_000) };
        let rendered = Rendered { film: Some(film), ..sample::rendered() };
        let pending = reserved.ingest(rendered, "renditions", sample::noon()).unwrap().after;
        let published = sample::decide(&pending, Decision::Publish).after;
        let listed = Listed::new(&published, Purpose::Web, "https://photos.example").unwrap();
        let (id, revision) = (&published.id, published.revision.clone().unwrap());
        assert_eq!(listed.video, Some(format!("https://photos.example/m/{id}/{revision}/film.mp4")));
        assert_eq!((listed.transcript.as_str(), listed.image.ends_with("/2016.jpg")), (&*spec.transcript, true));
        assert!(!spec.transcript.is_empty());
        assert_eq!(listed.cells()[14..], [listed.video.unwrap(), listed.transcript]);
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
