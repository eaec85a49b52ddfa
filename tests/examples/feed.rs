//! What a page of 24 of a feed costs, on several data folders side by side: `cargo run -p tests --example feed -- A B`, each filled
//! by `techognition run --sample N --data …`. Prints, for the newest page, one deep in the feed and one of a discipline: the
//! median time over rounds in which the folders take turns, and the read units that DynamoDB counts.

use std::{env::args_os, error::Error, path::Path, time::Instant};

use local::DataFolder;
use shared::{
    domain::feed::{Cursor, Feed, FeedScope},
    runtime::Clock,
    store::{editions::Editions, feed::Feeds},
};

const PAGE: usize = 24;
const ROUNDS: usize = 200;
const DEEP: usize = 20;

struct Day {
    feeds: Feeds,
    pages: Vec<Asked>,
    shards: u8,
}

/// A page that is asked for again and again: the milliseconds of each time, and the read units of the last.
struct Asked {
    name: &'static str,
    feed: Feed,
    after: Option<Cursor>,
    times: Vec<f64>,
    units: f64,
}

impl Asked {
    fn new(name: &'static str, feed: Feed, after: Option<Cursor>) -> Self {
        Self { name, feed, after, times: Vec::new(), units: 0.0 }
    }
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "its figures are what it is for")]
async fn main() -> Result<(), Box<dyn Error>> {
    let folders: Vec<_> = args_os().skip(1).collect();
    let mut workshops = Vec::new();
    let mut days = Vec::new();
    for folder in &folders {
        let workshop = DataFolder::open(Path::new(folder)).await?;
        let editions = Editions::new(&workshop.table, &Clock::system()).all().await?;
        let edition = editions.first().ok_or("a folder without an edition")?;
        let feeds = Feeds::new(&workshop.table);
        let all = Feed::all(&edition.slug);
        let discipline = edition.disciplines.first().ok_or("an edition without disciplines")?.slug.clone();
        let mut deep = None;
        for _ in 0..DEEP {
            deep = feeds.page(&all, edition.feed_shards, None, deep.as_ref(), PAGE).await?.next;
        }
        let pages = vec![
            Asked::new("newest", all.clone(), None),
            Asked::new("page 21", all.clone(), deep),
            Asked::new("discipline", Feed { part: FeedScope::Discipline(discipline), ..all }, None),
        ];
        days.push(Day { feeds, pages, shards: edition.feed_shards });
        workshops.push(workshop);
    }
    for _ in 0..ROUNDS {
        for day in &mut days {
            for asked in &mut day.pages {
                let begun = Instant::now();
                let (page, units) =
                    day.feeds.measured(&asked.feed, day.shards, None, asked.after.as_ref(), PAGE).await?;
                asked.times.push(begun.elapsed().as_secs_f64() * 1000.0);
                assert_eq!(page.photos.len(), PAGE, "too few photos to measure");
                asked.units = units;
            }
        }
    }
    for (folder, day) in folders.iter().zip(&mut days) {
        for Asked { name, times, units, .. } in &mut day.pages {
            times.sort_by(f64::total_cmp);
            let (median, p95) = (times[ROUNDS / 2], times[ROUNDS * 95 / 100]);
            println!("{}  {name:10}  median {median:.2} ms  p95 {p95:.2} ms  {units} read units", folder.display());
        }
    }
    for workshop in workshops {
        workshop.close().await;
    }
    Ok(())
}
