//! The prize draws of a sample day: one that is drawn, so that its result and the page that checks it are there, and one that takes entries.

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use local::LocalSystem;
use shared::{
    domain::{
        Edition, UploaderId,
        draw::{
            entry::{EnterRequest, Shown},
            files::Drawn,
            settings::{DrawSettings, Eligible, Method, Nation, PrizeSettings},
        },
        people::Actor,
    },
    runtime::Clock,
    store::{draw_steps::Value, draws::Draws},
};

/// The draws of the sample day at `now`, which is `hours` old.
pub fn settings(now: Timestamp, hours: i64) -> Result<Vec<DrawSettings>> {
    // Whole minutes, as an organiser would choose them.
    let now = Timestamp::from_second(now.as_second() / 60 * 60)?;
    let half = now - SignedDuration::from_hours(hours) / 2;
    Ok(vec![
        draw("sample-noon", "Sample draw at noon", Method::Observer, half)?,
        draw("sample-evening", "Sample draw in the evening", Method::Beacon, now + SignedDuration::from_hours(6))?,
    ])
}

fn draw(id: &str, name: &str, method: Method, freezes_at: Timestamp) -> Result<DrawSettings> {
    let prize = |title: &str, sponsor: Option<&str>| PrizeSettings {
        title: title.to_owned(),
        sponsor: sponsor.map(str::to_owned),
        picture: None,
        link: Some("https://example.org/".to_owned()),
    };
    Ok(DrawSettings {
        id: id.parse()?,
        name: name.to_owned(),
        prizes: vec![prize("A sample microscope", Some("Sample sponsor")), prize("A sample book", None)],
        reserves: 2,
        freezes_at,
        draws_at: freezes_at + SignedDuration::from_mins(30),
        who: Eligible {
            roles: "Technicians who work in a school".to_owned(),
            min_age: 18,
            nations: vec![Nation::England, Nation::Scotland, Nation::Wales, Nation::NorthernIreland],
        },
        method,
        rules: vec!["This is a sample: nothing can be won.".to_owned()],
        promoter: "Sample Association, 1 Sample Street, Sampleton".to_owned(),
    })
}

/// Announces the draws of an edition before it opens.
pub async fn announce(laptop: &LocalSystem, edition: &Edition) -> Result<()> {
    let before = edition.opens_at - SignedDuration::from_hours(1);
    let housekeeping = laptop.housekeeping(Clock::new(move || before))?;
    for settings in &edition.draws {
        Box::pin(housekeeping.draw_steps().advance(edition, settings)).await?;
    }
    Ok(())
}

/// Enters devices into the draws, each since its first photo, and draws the draw whose time is over.
pub async fn play(
    laptop: &LocalSystem,
    edition: &Edition,
    devices: &[(UploaderId, Timestamp)],
    now: Timestamp,
) -> Result<()> {
    let draws = Draws::new(&laptop.table);
    let rows = draws.all(&edition.slug).await?;
    let last = rows.iter().map(|row| row.settings.draws_at).max().context("the sample day has no draws")?;
    for (number, (uploader, at)) in (1..).zip(devices) {
        let entering = EnterRequest {
            name: format!("Sample entrant {number}"),
            contact: format!("entrant{number}@example.org"),
            county: "Sampleshire".to_owned(),
            shown: Shown::First,
            eligible: true,
            rules: true,
        };
        let entering = entering.check()?;
        let open: Vec<_> = rows.iter().filter(|row| *at < row.settings.freezes_at).cloned().collect();
        if !open.is_empty() {
            draws.enter(&edition.slug, &open, uploader, &entering, last, *at).await?;
        }
    }
    let said = Drawn::Observer {
        observer: "Sample observer".to_owned(),
        sentence: "Copper turns the flame green.".to_owned(),
    };
    for settings in edition.draws.iter().filter(|settings| settings.draws_at <= now) {
        let (freezes_at, draws_at) = (settings.freezes_at, settings.draws_at);
        let frozen = laptop.housekeeping(Clock::new(move || freezes_at))?;
        Box::pin(frozen.draw_steps().advance(edition, settings)).await?;
        let housekeeping = laptop.housekeeping(Clock::new(move || draws_at))?;
        let (steps, by) = (housekeeping.draw_steps(), Actor::Function("draws"));
        Box::pin(steps.beacon(&edition.slug, &settings.id, Value::Given(said.clone()), &by)).await?;
        Box::pin(steps.advance(edition, settings)).await?;
    }
    Ok(())
}
