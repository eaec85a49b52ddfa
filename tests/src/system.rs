//! The whole system on a folder of its own, gone when the story ends.

use std::{path::Path, time::Duration};

use local::{Chaos, DataFolder, Durability, Faults, LocalSystem, Mode, Options, Throttles, edge::CacheMode};
use shared::{
    domain::{
        Edition, event_file,
        people::Identity,
        states::{Duty, Role},
    },
    runtime::Clock,
    store::{
        members::{Members, NewKey, Person},
        recount::Recount,
    },
};
use tempfile::TempDir;

use crate::{Browser, Client, Device, Moderator};

/// The settings that come with the project.
pub const EVENT: &str = include_str!("../../infra/event.toml");

/// How a story's system differs from the usual one.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// Other settings than the project's own.
    pub edition: Option<Edition>,
    /// The edition's window is as the settings say, not open now.
    pub closed: bool,
    /// How the delivery of events misbehaves.
    pub chaos: Option<Chaos>,
    /// How S3 and DynamoDB misbehave towards the functions.
    pub faults: Option<Faults>,
    /// The real bootstraps in this folder.
    pub bootstraps: Option<std::path::PathBuf>,
    /// Whether the sweep keeps to its own minute.
    pub quiet: bool,
    /// Another clock.
    pub clock: Option<Clock>,
    /// Whether the storage goes by that clock, too: see [`Options::calendar`].
    pub calendar: bool,
    /// Where drand's beacon is read; nowhere if there is none.
    pub relays: Option<String>,
    /// What the edge keeps.
    pub keeping: CacheMode,
    /// Names that the site may be called by besides `localhost`.
    pub allowed_hosts: Vec<String>,
    /// How many requests pass to the functions.
    pub throttling: Throttling,
}

/// How many requests pass to the functions.
#[derive(Clone, Debug, Default)]
pub enum Throttling {
    /// As many as the project's own settings say.
    #[default]
    Usual,
    /// As many as these say.
    As(Throttles),
    /// As many as the functions can serve.
    Off,
}

/// The system, and the folder that it lives in.
pub struct TestSystem {
    /// The system.
    pub laptop: LocalSystem,
    /// A client without credentials.
    pub client: Client,
    folder: TempDir,
}

impl TestSystem {
    /// The system, open for photos.
    pub async fn open() -> Self {
        Self::with(Setting::default()).await
    }

    /// The system as `setting` says.
    pub async fn with(setting: Setting) -> Self {
        let folder = TempDir::new().expect("a folder of its own");
        Self::on(folder, setting).await
    }

    /// The system on a folder that may have been used before.
    pub async fn on(folder: TempDir, setting: Setting) -> Self {
        let usual = Options::new(folder.path());
        let options = Options {
            edition: Some(setting.edition.unwrap_or_else(edition)),
            open_window: !setting.closed,
            chaos: setting.chaos,
            faults: setting.faults,
            durability: Durability::ProcessKill,
            sweep_every: (!setting.quiet).then_some(Duration::from_millis(500)),
            clock: setting.clock.unwrap_or_else(Clock::system),
            calendar: setting.calendar,
            relays: setting.relays.unwrap_or_else(|| "http://127.0.0.1:9".to_owned()),
            keeping: setting.keeping,
            allowed_hosts: setting.allowed_hosts,
            mode: match setting.bootstraps {
                Some(folder) => Mode::Bootstraps { folder, instances: 3 },
                None => Mode::InProcess,
            },
            throttles: match setting.throttling {
                Throttling::Usual => usual.throttles.clone(),
                Throttling::As(throttles) => Some(throttles),
                Throttling::Off => None,
            },
            ..usual
        };
        // All that starts is kept in one future, which would not fit where every story keeps its own.
        let laptop = Box::pin(LocalSystem::start(options)).await.expect("the system starts");
        let client = Client::new(&laptop.site);
        Self { laptop, client, folder }
    }

    /// The folder of all data.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A device that has not been seen before.
    pub fn device(&self) -> Device {
        Device::new(&self.client)
    }

    /// A client at an address of its own, 127.0.0.`last`: somebody else than [`Self::client`], which is at 127.0.0.1.
    pub fn elsewhere(&self, last: u8) -> Client {
        Client::at([127, 0, 0, last], &self.laptop.site)
    }

    /// Somebody with a key of this role.
    pub async fn member(&self, role: Role) -> Moderator {
        self.member_with(role, &[]).await
    }

    /// Somebody with this role and these duties, who has made a key that has them, too.
    pub async fn member_with(&self, role: Role, duties: &[Duty]) -> Moderator {
        let (members, now) = (Members::new(&self.laptop.table), Clock::system().now());
        let person = self.person(role, duties).await;
        let maker = Some(Identity { id: person.id, known_since: now });
        let asked = NewKey { duties: duties.to_vec(), maker, ..NewKey::new("story", role) };
        let minted = members.mint(&asked, now).await.expect("the table answers");
        Moderator::new(&self.client, &minted.expect("its maker has not left").1)
    }

    /// Somebody with this role and these duties.
    pub async fn person(&self, role: Role, duties: &[Duty]) -> Person {
        let person = Members::new(&self.laptop.table).welcome("story", role, duties, None, Clock::system().now()).await;
        person.expect("the table answers").expect("nobody had to invite them")
    }

    /// A browser in which somebody has just signed in by a code.
    pub async fn browser(&self, person: &Person) -> Browser<Client> {
        let mut browser = Browser::with(&self.client, String::new());
        let code = self.code(person).await;
        let entered = browser.sign_in(&code).await;
        assert_eq!(entered.status, 200, "{}", entered.text());
        browser
    }

    /// A code by which somebody signs in.
    pub async fn code(&self, person: &Person) -> String {
        let life = jiff::SignedDuration::from_hours(1);
        let code = Members::new(&self.laptop.table).code(&person.id, None, life, Clock::system().now()).await;
        code.expect("the table answers").expect("they have not left")
    }

    /// A moderator.
    pub async fn moderator(&self) -> Moderator {
        self.member(Role::Moderator).await
    }

    /// Counts everything again.
    pub async fn audit(&self) -> Recount {
        self.audit_at(Clock::system()).await
    }

    /// The same at another time.
    pub async fn audit_at(&self, clock: Clock) -> Recount {
        let workshop = DataFolder::open(self.folder()).await.expect("the folder opens");
        let housekeeping = workshop.housekeeping(clock).expect("its variables");
        let recount = housekeeping::audit(&housekeeping).await.expect("the audit");
        workshop.close().await;
        recount
    }

    /// Stops the system; its folder stays for another.
    pub async fn stop(self) -> TempDir {
        self.laptop.stop().await;
        self.folder
    }
}

/// The edition of the settings that come with the project.
pub fn edition() -> Edition {
    event_file::read(EVENT).expect("the project's own settings are right")
}

/// Asks again and again until `ask` has an answer, at most a minute.
pub async fn eventually<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    within(Duration::from_mins(1), what, ask).await
}

/// Asks until there is an answer, for at most `limit`.
pub async fn within<T>(limit: Duration, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        // Less and less often: the system may be busy with what is waited for.
        let mut pause = Duration::from_millis(25);
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 6 / 5).min(Duration::from_millis(400));
        }
    };
    tokio::time::timeout(limit, asking).await.unwrap_or_else(|_| panic!("not within {limit:?}: {what}"))
}
