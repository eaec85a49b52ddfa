//! `/draws/{id}` and `/draws/{id}/verify`, and the same in Welsh: a prize draw, and how anybody checks it.

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use shared::{
    domain::{
        Edition, Refusal,
        draw::{
            bad_file::FileName,
            files::Source,
            rules, rules_cy,
            settings::DrawSettings,
            steps::{self, Standing},
        },
        ids::DrawId,
        keys::draw_file,
    },
    pages::{
        Page, draw_log, format,
        lang::{Lang, filled},
        layout::{Layout, Nav},
        links, sample_draws,
    },
    store::draws::DrawRow,
    web::{Cache, Path, Problem},
};

use crate::App;

/// A prize draw.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "draw.html")]
pub struct DrawPage {
    /// What all pages share.
    pub layout: Layout,
    /// Its name.
    pub name: String,
    /// The state of the draw, as a sentence.
    pub state: String,
    /// What can be won, and who has won it.
    pub prizes: Vec<PrizeLine>,
    /// When it freezes and is drawn.
    pub when: String,
    /// Who may win.
    pub who: String,
    /// The address of its rules; empty until they are published.
    pub rules: String,
    /// Where the value comes from, as a sentence.
    pub how: &'static str,
    /// Entries, as words. `None` until their list is published.
    pub entries: Option<String>,
    /// The digest of the list; empty until it is published.
    pub digest: String,
    /// The public files: address and name.
    pub files: Vec<(String, &'static str)>,
    /// The page that checks it.
    pub verify: String,
    /// What has happened, oldest first: when, and what.
    pub log: Vec<(String, String)>,
}

/// A prize with its winner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrizeLine {
    /// What it is.
    pub title: String,
    /// An address to read more at; empty for none.
    pub link: String,
    /// The address of a picture; empty for none.
    pub picture: String,
    /// Who gives it, as words; empty if nobody is named.
    pub sponsor: String,
    /// Who has won it, as they chose; empty before the result.
    pub winner: String,
    /// The beginning of the winner's entry; empty before the result, and if there is none.
    pub leaf: String,
    /// Whether it is delivered.
    pub delivered: bool,
}

/// The page that computes a draw again.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "draw_verify.html")]
pub struct VerifyPage {
    /// What all pages share.
    pub layout: Layout,
    /// The draw's name.
    pub name: String,
    /// Its page.
    pub draw: String,
    /// The address of its public files, with a slash at the end.
    pub folder: String,
    /// The names of the checks, each with its words.
    pub checks: Vec<(&'static str, &'static str)>,
}

impl Page for DrawPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Page for VerifyPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// A draw of an edition's settings, as pages that lead to it print it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawLink {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its prizes, each with who gives it.
    pub prizes: String,
    /// Until when it can be entered.
    pub until: Timestamp,
    /// Whether that is over.
    pub is_closed: bool,
}

impl DrawLink {
    /// The draws of an edition as they are at `now`, in the order in which they are drawn; none if it has none.
    pub fn all(edition: Option<&Edition>, now: Timestamp, lang: Lang) -> Vec<Self> {
        let mut draws: Vec<&DrawSettings> = edition.iter().flat_map(|edition| &edition.draws).collect();
        draws.sort_by_key(|settings| settings.draws_at);
        let link = |settings: &DrawSettings| {
            let prizes: Vec<String> = settings
                .prizes
                .iter()
                .map(|prize| match &prize.sponsor {
                    Some(sponsor) => format!("{} ({sponsor})", prize.title),
                    None => prize.title.clone(),
                })
                .collect();
            Self {
                href: lang.address(&links::draw(&settings.id)),
                name: settings.name.clone(),
                prizes: lang.listed(&prizes),
                until: settings.freezes_at,
                is_closed: settings.freezes_at <= now,
            }
        };
        draws.into_iter().map(link).collect()
    }

    /// The draws of an edition that can still be entered at `now`, in the order in which they are drawn.
    pub fn open(edition: Option<&Edition>, now: Timestamp, lang: Lang) -> Vec<Self> {
        Self::all(edition, now, lang).into_iter().filter(|draw| !draw.is_closed).collect()
    }

    /// What can be won in this draw, as a sentence in English: each prize with who gives it.
    pub fn to_be_won(&self) -> String {
        format!("To be won: {}. {}.", self.prizes, self.name)
    }
}

impl DrawPage {
    /// The page of a draw as it stands.
    pub fn new(edition: &Edition, row: &DrawRow, log: &[steps::LogEntry], lang: Lang, site_origin: &str) -> Self {
        let (words, settings, draw) = (lang.words(), &row.settings, &row.draw);
        let here = links::draw(row.id());
        let mut layout =
            Layout::public(settings.name.clone(), Nav::None).described(settings.who.words()).speaking(lang, &here);
        layout.canonical = format!("{site_origin}{}", lang.address(&here));
        let clock = |at: Timestamp| format!("{}, {}", lang.day(at), format::time(at));
        let times = [("freezes", &*clock(settings.freezes_at)), ("draws", &*clock(settings.draws_at))];
        let state = match draw.state {
            steps::State::Announced => words.draw_state_announced,
            steps::State::Open => words.draw_state_open,
            steps::State::Frozen => words.draw_state_frozen,
            steps::State::Revealed => words.draw_state_revealed,
            steps::State::Settled => words.draw_state_settled,
        };
        let drawn = draw.state >= steps::State::Revealed;
        let prizes = (1..).zip(&settings.prizes).map(|(number, prize)| {
            let holder = draw.places.iter().find_map(|place| match place.standing {
                Standing::Holds { prize, .. } if prize == number => Some((&place.leaf, false)),
                Standing::Delivered { prize } if prize == number => Some((&place.leaf, true)),
                Standing::Holds { .. } | Standing::Delivered { .. } | Standing::Waits | Standing::Out { .. } => None,
            });
            let name = holder.and_then(|(leaf, _)| row.names.get(leaf)).cloned().flatten();
            let winner = match (drawn, holder) {
                (false, _) => String::new(),
                (true, None) => words.draw_winner_none.to_owned(),
                (true, Some(_)) => name.unwrap_or_else(|| words.draw_winner_unnamed.to_owned()),
            };
            let sponsor = prize.sponsor.as_ref();
            PrizeLine {
                title: prize.title.clone(),
                link: prize.link.clone().unwrap_or_default(),
                picture: prize.picture.clone().unwrap_or_default(),
                sponsor: sponsor.map_or(String::new(), |sponsor| filled(words.draw_prize_by, &[("sponsor", sponsor)])),
                winner,
                leaf: holder.map_or(String::new(), |(leaf, _)| draw_log::beginning(leaf.as_str()).to_owned()),
                delivered: holder.is_some_and(|(_, delivered)| delivered),
            }
        });
        let published = FileName::ALL.into_iter().filter(|name| match name {
            FileName::Commit => draw.state > steps::State::Announced,
            FileName::Entries => draw.listed.is_some(),
            FileName::Beacon => draw.beacon.is_some(),
            FileName::Result => drawn,
        });
        let rules_file = match lang {
            Lang::En => rules::FILE,
            Lang::Cy => rules_cy::FILE,
        };
        let public = draw.state > steps::State::Announced;
        let address = |name| format!("/{}", draw_file(&edition.slug, row.id(), name));
        let files = published.map(FileName::as_str).map(|name| (address(name), name));
        Self {
            layout,
            name: settings.name.clone(),
            state: filled(state, &times),
            prizes: prizes.collect(),
            when: filled(words.draw_when_more, &times),
            who: settings.who.words(),
            rules: if public { address(rules_file) } else { String::new() },
            how: match draw.announcement.source {
                Source::Beacon { .. } => words.draw_how_beacon,
                Source::Observer {} => words.draw_how_observer,
            },
            entries: draw
                .listed
                .as_ref()
                .map(|listed| lang.counted(u64::try_from(listed.count).unwrap_or(u64::MAX), &words.draw_entries)),
            digest: draw.listed.as_ref().map_or(String::new(), |listed| listed.sha256.to_string()),
            files: files.filter(|_| public).collect(),
            verify: lang.address(&links::draw_verify(row.id())),
            log: log.iter().map(|entry| (clock(entry.at), draw_log::line(entry, lang))).collect(),
        }
    }

    /// A sample that takes entries.
    pub fn sample_open() -> Self {
        sampled(1, Lang::En)
    }

    /// A sample with winners.
    pub fn sample_drawn() -> Self {
        sampled(4, Lang::En)
    }

    /// A sample with winners in Welsh.
    pub fn sample_drawn_welsh() -> Self {
        sampled(4, Lang::Cy)
    }
}

/// Builds the sample of this number.
fn sampled(which: usize, lang: Lang) -> DrawPage {
    let draws = sample_draws::draws();
    let found = draws.get(which).and_then(|draw| Some((draw, draw.row.as_ref()?)));
    found.map_or_else(DrawPage::default, |(draw, row)| {
        DrawPage::new(&draw.edition, row, &draw.log, lang, "https://photos.example")
    })
}

impl VerifyPage {
    /// The page that checks a draw.
    pub fn new(edition: &Edition, id: &DrawId, name: &str, lang: Lang) -> Self {
        let words = lang.words();
        Self {
            layout: Layout::private(words.draw_verify_title, Nav::None)
                .speaking(lang, &links::draw_verify(id))
                .with_modules(&["js/draw/page.js"]),
            name: name.to_owned(),
            draw: lang.address(&links::draw(id)),
            folder: format!("/{}", draw_file(&edition.slug, id, "")),
            checks: vec![
                ("one-draw", words.draw_check_draw),
                ("commitment", words.draw_check_commitment),
                ("entries", words.draw_check_entries),
                ("source", words.draw_check_source),
                ("randomness", words.draw_check_randomness),
                ("seed", words.draw_check_seed),
                ("ranking", words.draw_check_ranking),
            ],
        }
    }

    /// A sample.
    pub fn sample() -> Self {
        Self::sampled(Lang::En)
    }

    /// A sample in Welsh.
    pub fn sample_welsh() -> Self {
        Self::sampled(Lang::Cy)
    }

    fn sampled(lang: Lang) -> Self {
        sample_draws::draws()
            .first()
            .map_or_else(Self::default, |draw| Self::new(&draw.edition, &draw.settings.id, &draw.settings.name, lang))
    }
}

/// The draw of that id, with its edition.
async fn find(app: &App, id: &str) -> Result<(Edition, DrawRow), Problem> {
    let id: DrawId = id.parse().map_err(|_| Refusal::UnknownDraw)?;
    for edition in app.editions.all().await? {
        if edition.draws.iter().any(|settings| settings.id == id)
            && let Some(row) = app.draws.get(&edition.slug, &id).await?
        {
            return Ok((edition, row));
        }
    }
    Err(Refusal::UnknownDraw.into())
}

/// `GET /draws/{id}` and `GET /cy/draws/{id}`
pub async fn show(State(app): State<App>, Path(id): Path<String>, lang: Lang) -> Result<Response, Problem> {
    let (edition, row) = find(&app, &id).await?;
    let log = app.draws.log(&edition.slug, row.id()).await?;
    let page = DrawPage::new(&edition, &row, &log, lang, &app.site_origin);
    app.page(StatusCode::OK, Cache::Head, &page).await
}

/// `GET /draws/{id}/verify` and `GET /cy/draws/{id}/verify`
pub async fn verify(State(app): State<App>, Path(id): Path<String>, lang: Lang) -> Result<Response, Problem> {
    let (edition, row) = find(&app, &id).await?;
    let page = VerifyPage::new(&edition, row.id(), &row.settings.name, lang);
    app.page(StatusCode::OK, Cache::Text, &page).await
}
