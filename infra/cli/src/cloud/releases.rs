//! Releases: versions of all functions that went live together and can go live again.
//!
//! Each deployment that changes anything of a function publishes a version of every function under one name, which Terraform derives from
//! their packages and their configuration: so the same state of the project is the same release, whenever and wherever it is deployed. A
//! version names its release in its description. The alias that everything calls names in its description what was live before.
//!
//! Decision: functions are rolled back together, because they share their rows. A function that did not change still has a version of its
//! own in each release; otherwise its versions would not tell how far to go back.

use std::fmt;

use anyhow::{Context, Result, bail};
use local::functions::Functions;

use super::{account::Account, settings::Cloud};

/// The alias that everything calls.
pub const LIVE: &str = "live";
/// The beginning of a version's or alias's description that names a release.
const RELEASE: &str = "release ";

/// One function: its versions, and the one that is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The function's name in the account.
    pub function: String,
    /// The number of the version that is live.
    pub live: u64,
    /// The note in the alias's description.
    pub note: Note,
    /// Its versions, with their releases. An older version may belong to none.
    pub versions: Vec<(u64, Option<String>)>,
}

/// How the live release became live.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Note {
    /// It was not recorded.
    #[default]
    Unknown,
    /// By a deployment, after another release or as the first.
    Deployed {
        /// The live release.
        release: String,
        /// The release before; `None` if there was none.
        after: Option<String>,
    },
    /// By a rollback.
    Back {
        /// The live release.
        release: String,
        /// The release before.
        from: String,
    },
}

/// What is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Live {
    /// One release of all functions, and how it became live.
    One(String, Note),
    /// Functions of several releases, or of none: a deployment or rollback was interrupted, or the functions are older than releases.
    Mixed(Vec<(String, Option<String>)>),
}

/// The change of one function to another version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The function's name in the account.
    pub function: String,
    /// The version that is live.
    pub from: u64,
    /// The version to make live.
    pub to: u64,
}

/// All functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Releases(Vec<Standing>);

impl Releases {
    /// Reads the versions and aliases of the account's functions.
    ///
    /// # Errors
    /// A function that is not deployed, and errors of the service.
    pub async fn read(account: &Account, cloud: &Cloud) -> Result<Self> {
        let mut all = Vec::new();
        for function in Functions::read()?.functions {
            let name = cloud.function(&function.name);
            let alias = account.lambda.alias(&name, LIVE).await.with_context(|| format!("{name} is not deployed"))?;
            let live = alias.version;
            let live = live.parse().with_context(|| format!("{name} has no numbered live version, but {live:?}"))?;
            let versions = account.lambda.versions(&name).await?;
            let versions = versions.into_iter().map(|one| (one.number, named(&one.description))).collect();
            all.push(Standing { function: name, live, note: Note::parse(&alias.description), versions });
        }
        Ok(Self(all))
    }

    /// Returns what is live.
    pub fn live(&self) -> Live {
        let of: Vec<_> =
            self.0.iter().map(|one| (one.function.clone(), one.live_release().map(str::to_owned))).collect();
        match of.first() {
            Some((_, Some(release))) if of.iter().all(|(_, other)| other.as_ref() == Some(release)) => {
                // A note about another version than the alias's own is from before the alias was moved.
                let note = self.0.iter().map(|one| &one.note).find(|note| note.release() == Some(release));
                Live::One(release.clone(), note.cloned().unwrap_or_default())
            }
            _ => Live::Mixed(of),
        }
    }

    /// Returns the release to go back to: `wanted`, or otherwise the one that was live before.
    ///
    /// # Errors
    /// If there is none, it is unknown, or the live one is the result of a rollback already.
    pub fn before(&self, wanted: Option<&str>) -> Result<String> {
        if let Some(wanted) = wanted {
            return self.find(wanted);
        }
        match self.live() {
            Live::One(release, Note::Back { from, .. }) => bail!(
                "a rollback from {from} has made {release} live, so it is not clear which release comes before. Name one with \
                 --to: {}",
                self.known()
            ),
            Live::One(_, Note::Deployed { after: Some(after), .. }) => Ok(after),
            Live::One(..) => self.older().context("there is no earlier release to go back to"),
            // A change was interrupted: the older of the two is what was live before, or the target of a rollback.
            Live::Mixed(of) => {
                let first =
                    self.complete().into_iter().find(|release| of.iter().any(|(_, one)| one.as_ref() == Some(release)));
                first.with_context(|| {
                    let of = of.iter().map(|(function, release)| format!("{function}: {}", release.as_deref().unwrap_or("none")));
                    format!(
                        "functions of several releases are live ({}), and none of these releases is complete. Name one with \
                         --to: {}",
                        of.collect::<Vec<_>>().join(", "),
                        self.known()
                    )
                })
            }
        }
    }

    /// Returns what must change so that `release` becomes live.
    ///
    /// # Errors
    /// If it is live already, or a function has no version of it.
    pub fn moves(&self, release: &str) -> Result<Vec<Move>> {
        let missing: Vec<_> =
            self.0.iter().filter(|one| one.version(release).is_none()).map(|one| one.function.as_str()).collect();
        if !missing.is_empty() {
            bail!(
                "release {release} is not complete: it has no version of {}. All functions must be of one release, so nothing was \
                 changed",
                missing.join(", ")
            );
        }
        let moves =
            self.0.iter().filter(|one| one.live_release() != Some(release)).filter_map(|one| {
                Some(Move { function: one.function.clone(), from: one.live, to: one.version(release)? })
            });
        let moves: Vec<_> = moves.collect();
        if moves.is_empty() {
            bail!("release {release} is already live");
        }
        Ok(moves)
    }

    /// Returns the functions.
    pub fn functions(&self) -> impl Iterator<Item = &Standing> {
        self.0.iter()
    }

    /// Returns all releases of which each function has a version, oldest first.
    fn complete(&self) -> Vec<String> {
        let Some(first) = self.0.first() else { return Vec::new() };
        let mut versions: Vec<_> = first.versions.iter().filter_map(|(n, of)| Some((*n, of.as_deref()?))).collect();
        // For a release that was published twice, the later place counts.
        versions.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
        let mut found: Vec<String> = Vec::new();
        for (_, release) in versions {
            let whole = self.0.iter().all(|one| one.version(release).is_some());
            if whole && !found.iter().any(|known| known == release) {
                found.push(release.to_owned());
            }
        }
        found.reverse();
        found
    }

    /// Returns the latest complete release whose versions are all older than the live ones.
    fn older(&self) -> Option<String> {
        let before = |release: &String| self.0.iter().all(|one| one.version(release).is_some_and(|n| n < one.live));
        self.complete().into_iter().rev().find(before)
    }

    /// Finds a release by its name or the beginning of it.
    fn find(&self, wanted: &str) -> Result<String> {
        let named = self.0.iter().flat_map(|one| &one.versions).filter_map(|(_, release)| release.as_ref());
        let mut fitting: Vec<_> = named.filter(|release| release.starts_with(wanted)).collect();
        fitting.sort_unstable();
        fitting.dedup();
        match fitting[..] {
            [one] => Ok(one.clone()),
            [] => bail!("there is no release {wanted:?}; the releases are: {}", self.known()),
            _ => bail!("{wanted:?} is the beginning of several releases: write more of the name"),
        }
    }

    /// Returns the complete releases in one line.
    fn known(&self) -> String {
        let known = self.complete();
        if known.is_empty() { "no complete release".to_owned() } else { known.join(", ") }
    }
}

/// Records that what is live now was deployed after `before`; `None` if that could not be read. Returns the live release.
///
/// # Errors
/// If functions of several releases are live, and errors of the service.
pub async fn record(account: &Account, cloud: &Cloud, before: Option<&Live>) -> Result<String> {
    let releases = Releases::read(account, cloud).await?;
    let Live::One(release, note) = releases.live() else {
        bail!("functions of several releases are live: deploy again, and check techognition status")
    };
    let after = match before {
        Some(Live::One(before, _)) if *before != release => Some(before.clone()),
        Some(Live::One(..) | Live::Mixed(_)) | None => None,
    };
    // Deployed again without a change of any function: what was live before is recorded already.
    if after.is_none() && note != Note::Unknown {
        return Ok(release);
    }
    let note = Note::Deployed { release: release.clone(), after }.to_string();
    for one in releases.functions() {
        account.lambda.point(&one.function, LIVE, one.live, &note).await?;
    }
    Ok(release)
}

impl Standing {
    /// Returns the release of the live version.
    pub fn live_release(&self) -> Option<&str> {
        self.versions.iter().find(|(number, _)| *number == self.live).and_then(|(_, release)| release.as_deref())
    }

    /// Returns its latest version.
    pub fn newest(&self) -> Option<u64> {
        self.versions.iter().map(|(number, _)| *number).max()
    }

    /// Returns its latest version of a release.
    pub fn version(&self, release: &str) -> Option<u64> {
        self.versions.iter().filter(|(_, of)| of.as_deref() == Some(release)).map(|(number, _)| *number).max()
    }
}

impl Note {
    /// Parses the description of an alias; anything else in it is not a note.
    fn parse(text: &str) -> Self {
        let words: Vec<_> = text.split(' ').collect();
        let own = |word: &str| word.to_owned();
        match words[..] {
            ["release", release] => Self::Deployed { release: own(release), after: None },
            ["release", release, "after", after] => Self::Deployed { release: own(release), after: Some(own(after)) },
            ["release", release, "back", "from", from] => Self::Back { release: own(release), from: own(from) },
            _ => Self::Unknown,
        }
    }

    fn release(&self) -> Option<&String> {
        match self {
            Self::Unknown => None,
            Self::Deployed { release, .. } | Self::Back { release, .. } => Some(release),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => Ok(()),
            Self::Deployed { release, after: None } => write!(f, "{RELEASE}{release}"),
            Self::Deployed { release, after: Some(after) } => write!(f, "{RELEASE}{release} after {after}"),
            Self::Back { release, from } => write!(f, "{RELEASE}{release} back from {from}"),
        }
    }
}

/// Returns the release that a version's description names.
fn named(description: &str) -> Option<String> {
    description.strip_prefix(RELEASE).filter(|name| !name.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Functions with these live versions and alias descriptions, whose versions 1, 2, … belong to these releases. `-` belongs to none.
    fn of(functions: &[(&str, u64, &str, &[&str])]) -> Releases {
        let standing = |(function, live, note, releases): &(&str, u64, &str, &[&str])| Standing {
            function: (*function).to_owned(),
            live: *live,
            note: Note::parse(note),
            versions: (1..)
                .zip(releases.iter().map(|name| named(&format!("{RELEASE}{name}")).filter(|name| name != "-")))
                .collect(),
        };
        Releases(functions.iter().map(standing).collect())
    }

    fn said(answer: Result<impl fmt::Debug>) -> String {
        answer.unwrap_err().to_string()
    }

    #[test]
    fn all_functions_go_back_to_the_release_that_was_live_before() {
        // The bad release was rolled back, and another one was deployed since: version 3 was not live before version 4.
        let note = "release d after b";
        let all = of(&[("site", 4, note, &["a", "b", "c", "d"]), ("uploads", 4, note, &["a", "b", "c", "d"])]);
        assert_eq!(all.before(None).unwrap(), "b");
        let moves = all.moves("b").unwrap();
        assert_eq!(
            moves.iter().map(|one| (one.function.as_str(), one.from, one.to)).collect::<Vec<_>>(),
            [("site", 4, 2), ("uploads", 4, 2)]
        );
        // A function that was added later has other numbers.
        let all = of(&[("site", 3, "", &["a", "b", "c"]), ("wall", 2, "", &["b", "c"])]);
        assert_eq!(all.before(None).unwrap(), "b", "without a note, the complete release before");
        assert_eq!(all.moves("b").unwrap()[1].to, 1);
    }

    #[test]
    fn a_second_rollback_does_not_walk_past_what_was_live() {
        let note = "release b back from c";
        let all = of(&[("site", 2, note, &["a", "b", "c"]), ("uploads", 2, note, &["a", "b", "c"])]);
        let refusal = said(all.before(None));
        assert!(refusal.contains("a rollback from c") && refusal.contains("--to: a, b, c"), "{refusal}");
        assert_eq!(all.before(Some("a")).unwrap(), "a", "somebody says which");
        assert_eq!(said(all.moves("b")), "release b is already live");
    }

    #[test]
    fn what_ended_in_the_middle_is_brought_to_its_end() {
        // A rollback from c to b.
        let all = of(&[
            ("site", 2, "release b back from c", &["a", "b", "c"]),
            ("uploads", 3, "release c after b", &["a", "b", "c"]),
        ]);
        assert!(matches!(all.live(), Live::Mixed(_)));
        assert_eq!(all.before(None).unwrap(), "b");
        assert_eq!(all.moves("b").unwrap().len(), 1);
        // A deployment of c of which only one function has a version: it is not a release to go back to.
        let all =
            of(&[("site", 3, "release b after a", &["a", "b", "c"]), ("uploads", 2, "release b after a", &["a", "b"])]);
        assert_eq!(all.before(None).unwrap(), "b");
        let refusal = said(all.moves("c"));
        assert!(refusal.contains("not complete") && refusal.contains("of uploads"), "{refusal}");
    }

    #[test]
    fn functions_from_before_there_were_releases_are_not_guessed_at() {
        let all = of(&[("site", 3, "", &["-", "-", "a"]), ("uploads", 1, "", &["a"])]);
        assert_eq!(said(all.before(None)), "there is no earlier release to go back to");
        assert_eq!(all.live(), Live::One("a".to_owned(), Note::Unknown));
        let all = of(&[("site", 1, "", &["-"]), ("uploads", 1, "", &["-"])]);
        assert!(matches!(all.live(), Live::Mixed(_)));
        assert!(said(all.before(None)).contains("no complete release"));
    }

    #[test]
    fn the_same_state_of_the_project_is_one_release_however_often_it_is_deployed() {
        let all = of(&[
            ("site", 3, "release a after b", &["a", "b", "a"]),
            ("uploads", 3, "release a after b", &["a", "b", "a"]),
        ]);
        assert_eq!(all.before(None).unwrap(), "b");
        assert_eq!(all.moves("b").unwrap()[0].to, 2);
        assert_eq!(all.complete(), ["b", "a"]);
    }

    #[test]
    fn a_release_is_found_by_the_beginning_of_its_name() {
        let all = of(&[("site", 2, "", &["3fa9", "3fb0"])]);
        assert_eq!(all.before(Some("3fa")).unwrap(), "3fa9");
        assert!(said(all.before(Some("3f"))).contains("several"));
        assert!(said(all.before(Some("c"))).contains("the releases are: 3fa9, 3fb0"));
    }

    #[test]
    fn an_alias_says_how_its_release_came_to_be_live() {
        for text in ["release a", "release a after b", "release a back from b"] {
            assert_eq!(Note::parse(text).to_string(), text);
        }
        for text in ["", "anything", "release", "release a after"] {
            assert_eq!(Note::parse(text), Note::Unknown, "{text:?}");
        }
        // Terraform has moved it since.
        let all = of(&[("site", 2, "release a", &["a", "b"])]);
        assert_eq!(all.live(), Live::One("b".to_owned(), Note::Unknown));
    }
}
