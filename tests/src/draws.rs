//! Prize draws made by chance from a seed, true ones and spoiled ones, and what the implementations of the protocol say of them: ours, the
//! browser's (`shared/assets/js/draw`), and the program that docs/DRAW.md prints.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use jiff::SignedDuration;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use shared::domain::{
    draw::{
        bad_file::FileName,
        beacon::{self, CHAIN},
        files::{Algorithm, Announcement, Beacon, Drawn, Outcome, Prize, Source},
        protocol::{self, Entries, Secret},
        verify::{self, Files},
    },
    ids::{DrawId, Leaf, Ticket},
};

const DOCUMENT: &str = include_str!("../../docs/DRAW.md");

/// Rounds of quicknet that have been; the tests of `shared::domain::draw::beacon` say where they are from.
const ROUNDS: [(u64, &str); 4] = [
    (1_000, "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"),
    (1_001, "b33bf3667cbd5a82de3a24b4e0e9fe5513cc1a0e840368c6e31f5fcfa79bea03f73896b25883abf2853d10337fb8fa41"),
    (1_002, "ab066f9c12dd6de1336fca0f925192fb0c72a771c3e4c82ede1fd362c1a770f9eb05843c6308ce2530b53a99c0281a6e"),
    (657_413, "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"),
];

/// The files of a draw by their names.
pub type Set = BTreeMap<&'static str, Vec<u8>>;

/// Draws from a seed.
pub struct Draws {
    chance: StdRng,
}

impl Draws {
    /// The draws of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { chance: StdRng::seed_from_u64(seed) }
    }

    /// A true draw: by a round or an observer, with as many entries as it happens, mostly few, and with words that are hard to write.
    pub fn genuine(&mut self) -> Set {
        let draw: DrawId = format!("draw-{}", self.chance.random::<u32>()).parse().expect("an id");
        let secret = Secret::from_bits(self.chance.random());
        let count = match self.chance.random_range(0..20) {
            0 => 0,
            1 => 1,
            2 => self.chance.random_range(200..600),
            _ => self.chance.random_range(2..30),
        };
        let leaves = (0..count).map(|_| protocol::leaf(&draw, &Ticket::from_bits(self.chance.random())));
        let entries = Entries::from_leaves(leaves.collect::<Vec<_>>()).expect("not too many");
        let (round, signature) = ROUNDS[self.chance.random_range(0..ROUNDS.len())];
        let chain = || CHAIN.parse().expect("a hash");
        let time = beacon::time_of(round).expect("a time");
        let draws_at = time - SignedDuration::from_secs(self.chance.random_range(0..3));
        let (source, drawn) = match self.chance.random_range(0..3) {
            0 => (Source::Observer {}, self.observed()),
            1 => (Source::Beacon { chain: chain(), round, observer_after_hours: Some(24) }, self.observed()),
            _ => {
                let hours = self.chance.random_bool(0.5).then_some(24);
                let signature = signature.parse().expect("a signature");
                let source = Source::Beacon { chain: chain(), round, observer_after_hours: hours };
                (source, Drawn::Beacon { chain: chain(), round, signature })
            }
        };
        let announcement = Announcement {
            algorithm: Algorithm::Tkdraw1,
            name: self.words(),
            prizes: (0..self.chance.random_range(1..6)).map(|_| self.prize()).collect(),
            reserves: self.chance.random_range(0..5),
            freezes_at: draws_at - SignedDuration::from_secs(self.chance.random_range(300..90_000)),
            draws_at,
            eligibility: self.words(),
            source,
            commit: protocol::commitment(&draw, &secret),
            draw: draw.clone(),
        };
        announcement.check().expect("an announcement that can be made");
        let beacon = Beacon::new(draw, drawn);
        let outcome = Outcome::new(&announcement, &entries, &secret, &beacon.randomness);
        let texts = [announcement.to_text(), entries.to_text(), beacon.to_text(), outcome.to_text()];
        FileName::ALL.into_iter().map(FileName::as_str).zip(texts.map(String::into_bytes)).collect()
    }

    /// A draw of which one file was changed by a byte or a few, or exchanged for another draw's. It may be a true one still: a prize's name
    /// is bound to nothing.
    pub fn spoiled(&mut self) -> Set {
        let mut set = self.genuine();
        let name = FileName::ALL[self.chance.random_range(0..4)].as_str();
        let other = self.genuine().remove(name).expect("all four");
        let Some(file) = set.get_mut(name) else { return set };
        let at = self.chance.random_range(0..=file.len().saturating_sub(1));
        match self.chance.random_range(0..7) {
            0 => *file = other,
            1 => file.truncate(at),
            2 => file.insert(at, self.chance.random_range(0x20..0x7f)),
            3 if !file.is_empty() => drop(file.remove(at)),
            4 if !file.is_empty() => file[at] = b"0123456789abcdef\"{}[],: \n\\nul-"[self.chance.random_range(0..30)],
            5 if !file.is_empty() => file[at] ^= 1 << self.chance.random_range(0..8),
            _ => {
                let line = file.split_inclusive(|byte| *byte == b'\n').next().map(<[u8]>::to_vec).unwrap_or_default();
                file.splice(0..0, line);
            }
        }
        set
    }

    fn observed(&mut self) -> Drawn {
        Drawn::Observer { observer: self.words(), sentence: self.words() }
    }

    fn prize(&mut self) -> Prize {
        let sponsor = self.chance.random_bool(0.5).then(|| self.words());
        Prize { title: self.words(), sponsor }
    }

    fn words(&mut self) -> String {
        const PARTS: [&str; 16] = [
            "copper",
            " ",
            "“blue”",
            "\"",
            "\\",
            "/",
            "\n",
            "\t",
            "\u{1}",
            "\u{7f}",
            "é",
            "e\u{301}",
            "\u{2028}",
            "🧪",
            "<b>",
            "{}",
        ];
        (0..self.chance.random_range(1..12)).map(|_| PARTS[self.chance.random_range(0..PARTS.len())]).collect()
    }
}

/// What is done to a file.
type Spoil = fn(&str) -> String;

/// Files of a draw by the beacon that are wrong in one thing each, by what it is. Every implementation must refuse each of them.
pub fn malformed() -> Vec<(&'static str, Set)> {
    let mut draws = Draws::new(7);
    let genuine = std::iter::repeat_with(|| draws.genuine()).find(|set| {
        let text = |name: &str| String::from_utf8_lossy(&set[name]).into_owned();
        let lines = text("entries.txt").lines().count();
        text("beacon.json").contains("signature")
            && text("commit.json").contains("\": 24\n")
            && (5..20).contains(&lines)
    });
    let genuine = genuine.expect("one of them is so");
    let (commit, entries, beacon, result) = ("commit.json", "entries.txt", "beacon.json", "result.json");
    let wrong: [(&str, &str, Spoil); 32] = [
        ("CR before LF", commit, |text| text.replace('\n', "\r\n")),
        ("no LF at the end", commit, |text| text.trim_end().to_owned()),
        ("two at the end", commit, |text| format!("{text}\n")),
        ("a byte order mark", commit, |text| format!("\u{feff}{text}")),
        ("another algorithm", commit, |text| text.replace("tkdraw1", "tkdraw2")),
        ("a key more", commit, |text| text.replacen("{\n", "{\n  \"more\": 1,\n", 1)),
        ("a key twice", commit, |text| text.replacen("{\n", "{\n  \"algorithm\": \"tkdraw1\",\n", 1)),
        ("a key less", commit, |text| remove_line(text, "\"eligibility\"")),
        ("no prize", commit, |text| {
            let (before, rest) = text.split_once("\"prizes\": [").unwrap_or_default();
            format!("{before}\"prizes\": []{}", rest.split_once("\n  ]").unwrap_or_default().1)
        }),
        ("reserves as a fraction", commit, |text| replace_value(text, "reserves", "2.0")),
        ("reserves as an exponent", commit, |text| replace_value(text, "reserves", "2e0")),
        ("reserves below none", commit, |text| replace_value(text, "reserves", "-1")),
        ("reserves that are no number", commit, |text| replace_value(text, "reserves", "true")),
        ("too many reserves", commit, |text| replace_value(text, "reserves", "1001")),
        ("a name that is no text", commit, |text| replace_value(text, "name", "null")),
        ("half of a surrogate pair", commit, |text| replace_value(text, "name", "\"\\ud800\"")),
        ("an escape that is not needed", commit, |text| replace_value(text, "name", "\"\\u0041\"")),
        ("a time in another form", commit, |text| text.replace("Z\",\n  \"draws_at\"", "+00:00\",\n  \"draws_at\"")),
        ("a day that is not in the calendar", commit, |text| {
            replace_value(text, "freezes_at", "\"2023-02-30T08:00:00Z\"")
        }),
        ("an hour that is not in the day", commit, |text| {
            replace_value(text, "freezes_at", "\"2023-02-20T24:00:00Z\"")
        }),
        ("a draw before its freeze", commit, |text| replace_value(text, "freezes_at", "\"2199-02-20T08:00:00Z\"")),
        ("the next round", commit, |text| {
            let round: u64 = text
                .split_once("\"round\": ")
                .unwrap_or_default()
                .1
                .split(',')
                .next()
                .unwrap_or_default()
                .parse()
                .unwrap_or(0);
            text.replace(&format!("\"round\": {round}"), &format!("\"round\": {}", round + 1))
        }),
        ("another chain", commit, |text| text.replace("52db9ba7", "52db9ba8")),
        ("an observer after one hour", commit, |text| text.replace("\": 24\n", "\": 1\n")),
        ("entries that are not sorted", entries, |text| {
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            lines.swap(0, 1);
            lines.concat()
        }),
        ("an entry twice", entries, |text| format!("{}{text}", text.split_inclusive('\n').next().unwrap_or_default())),
        ("an entry less", entries, |text| text.split_inclusive('\n').skip(1).collect()),
        ("an entry in capitals", entries, str::to_uppercase),
        ("no LF after the last entry", entries, |text| text.trim_end().to_owned()),
        ("a signature in capitals", beacon, |text| {
            text.replace("\"signature\": \"a", "\"signature\": \"A").replace("\"signature\": \"b", "\"signature\": \"B")
        }),
        ("winners in another order", result, |text| text.replace("\"winners\": [", "\"winners\": [\n    \"0\",")),
        ("no result", result, |_| String::new()),
    ];
    let change = |(what, name, change): (&'static str, &str, Spoil)| {
        let mut set = genuine.clone();
        if let Some(file) = set.get_mut(name) {
            let text = String::from_utf8_lossy(file).into_owned();
            let changed = change(&text);
            assert_ne!(changed, text, "{what} changes nothing");
            *file = changed.into_bytes();
        }
        (what, set)
    };
    wrong.into_iter().map(change).collect()
}

fn remove_line(text: &str, with: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.contains(with)).collect()
}

/// The text with another value of a key that stands on a line of its own, and not the last one.
fn replace_value(text: &str, key: &str, value: &str) -> String {
    let start = format!("  \"{key}\": ");
    let line = |line: &str| if line.starts_with(&start) { format!("{start}{value},\n") } else { line.to_owned() };
    text.split_inclusive('\n').map(line).collect()
}

/// Writes each draw into a folder of its own.
pub fn write(folder: &Path, sets: &[Set]) {
    for (number, set) in sets.iter().enumerate() {
        let folder = folder.join(format!("{number:06}"));
        fs::create_dir_all(&folder).expect("a folder");
        for (name, bytes) in set {
            fs::write(folder.join(name), bytes).expect("a file");
        }
    }
}

/// What an implementation says of each draw: winners and reserves, or that it is refused.
pub type Said = Vec<String>;

/// What ours says.
pub fn ours(sets: &[Set]) -> Said {
    let say = |set: &Set| {
        let verdict = verify::verify(Files {
            commit: &set["commit.json"],
            entries: &set["entries.txt"],
            beacon: &set["beacon.json"],
            result: &set["result.json"],
        });
        let leaves: Vec<&str> = verdict.winners().iter().chain(verdict.reserves()).map(Leaf::as_str).collect();
        if verdict.holds() { format!("{}|{}", verdict.winners().len(), leaves.join(",")) } else { "refused".to_owned() }
    };
    sets.iter().map(say).collect()
}

/// What the browser's modules say, in Node.
pub fn browsers(folder: &Path) -> Said {
    lines(Command::new("node").arg(tools().join("draws.mjs")).arg(folder))
}

/// What the program says that docs/DRAW.md prints; it is put beside the folder.
pub fn documents(folder: &Path) -> Said {
    let program = folder.with_file_name("draw.py");
    fs::write(&program, printed()).expect("a file");
    lines(Command::new("python3").arg(tools().join("draws.py")).arg(program).arg(folder))
}

/// The program that docs/DRAW.md prints.
pub fn printed() -> String {
    let (_, after) = DOCUMENT.split_once("<!-- draw.py -->\n```python\n").expect("docs/DRAW.md prints a program");
    let (program, _) = after.split_once("\n```").expect("which ends");
    format!("{program}\n")
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tools")
}

fn lines(command: &mut Command) -> Said {
    let output = command.output().expect("Node 20 and Python 3.9 are there");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}
