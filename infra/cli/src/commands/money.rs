//! `techognition ceiling` and `forecast`: the highest possible cost of a day, and the cost of an expected day.

use std::process::ExitCode;

use anyhow::{Result, bail};
use local::functions::{Functions, Trigger};
use serde_json::json;
use shared::domain::Edition;

use crate::{
    Site,
    cloud::{
        money::{self, Line, PRICES, Route, prices_of, sources, whole},
        settings::{self, Cloud},
    },
    say,
};

/// Number of concurrent functions of an account after the usual request; the ceiling assumes it.
const AT_ONCE: f64 = 1_000.0;

#[derive(Debug, clap::Args)]
pub struct Ceiling {
    #[command(flatten)]
    site: Site,
    /// How many functions the account may run at once
    #[arg(long, value_name = "N", default_value_t = AT_ONCE)]
    at_once: f64,
}

#[derive(Debug, clap::Args)]
pub struct Forecast {
    #[command(flatten)]
    site: Site,
    /// How many photos the day brings
    #[arg(long, value_name = "N")]
    photos: f64,
    /// How many videos of half a minute it brings, too
    #[arg(long, value_name = "N", default_value_t = 0.0)]
    videos: f64,
    /// How often each of them is viewed
    #[arg(long, value_name = "M", default_value_t = 100.0)]
    views: f64,
}

/// Prints the highest possible cost of a day.
pub fn ceiling(arguments: &Ceiling) -> Result<ExitCode> {
    let (cloud, edition) = settings::read(&arguments.site.event)?;
    let lines = money::ceiling(&cloud, &edition, &routes()?, arguments.at_once);
    print(arguments.site.json, "The most that one day can cost with these settings", &lines);
    if !arguments.site.json {
        let told = whole(cloud.egress_gb_per_hour);
        let cached = if cloud.egress_offline_gb_per_hour > 0.0 {
            format!(
                "above {told} GB in an hour you get an alarm, and above {} GB, which cost ${:.0}, the site takes itself offline",
                whole(cloud.egress_offline_gb_per_hour),
                money::edge_bytes(cloud.egress_offline_gb_per_hour)
            )
        } else {
            format!(
                "above {told} GB in an hour you get an alarm, and each further hour at ten times that costs ${:.0} until you run \
                 techognition offline",
                money::unattended(&cloud)
            )
        };
        say(format_args!(
            "\nAWS has no limit on what CloudFront sends from its cache: {cached} (infra/README.md, under attack). Each published \
             photo that is removed also costs up to ${:.2}, except for the first fifty in a month.",
            money::removal()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the cost of an expected day.
pub fn forecast(arguments: &Forecast) -> Result<ExitCode> {
    let Forecast { photos, videos, views, .. } = *arguments;
    if ![photos, videos, views].into_iter().all(|n| n >= 0.0 && n.is_finite()) {
        bail!("--photos, --videos and --views must be 0 or more");
    }
    let (cloud, edition) = settings::read(&arguments.site.event)?;
    let lines = money::forecast(&cloud, photos, videos, views);
    let at_once = money::at_once(&cloud, &edition, photos + videos);
    let thousand = money::thousand_videos(&cloud, photos, videos, views);
    let and_videos = if videos > 0.0 { format!(" and {} videos", whole(videos)) } else { String::new() };
    let title = format!("A day of {} photos{and_videos} with {} views each", whole(photos), whole(views));
    print(arguments.site.json, &title, &lines);
    if arguments.site.json {
        say(json!({ "functions_at_once": at_once, "thousand_videos_usd": thousand }));
    } else {
        say(format_args!("\nFunctions at once, at the busiest: {}.", whole(at_once)));
        // Who takes no videos need not know.
        if videos > 0.0 || edition.video_seconds > 0 {
            say(format_args!(
                "1,000 more videos of half a minute: {thousand:.2} US dollars, if each is watched to its end {} times.",
                whole(views)
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the lines of the most expensive day, for a deployment.
pub fn bill(cloud: &Cloud, edition: &Edition) -> Vec<Line> {
    money::ceiling(cloud, edition, &routes().unwrap_or_default(), AT_ONCE)
}

/// Returns all routes of functions that take requests.
fn routes() -> Result<Vec<Route>> {
    let functions = Functions::read()?.functions;
    let http = functions.into_iter().filter(|function| function.trigger == Trigger::Http);
    Ok(http
        .flat_map(|function| {
            let (memory_mb, timeout_s) = (function.memory_mb, function.timeout_s);
            function.entries().into_values().map(move |class| Route { class, memory_mb, timeout_s })
        })
        .collect())
}

fn print(json: bool, title: &str, lines: &[Line]) {
    let total = money::total(lines);
    if json {
        say(json!({
            "lines": lines, "total_usd": total, "prices_of": prices_of(), "sources": sources(), "prices": *PRICES,
        }));
        return;
    }
    say(format_args!("{title}, in US dollars by the price lists of {}:\n", prices_of()));
    for line in lines {
        say(format_args!("  {:<28} {:>42} {:>12.2}", line.what, line.amount, line.usd));
    }
    say(format_args!("  {:<28} {:>42} {total:>12.2}", "total", ""));
    say("\nWithout tax. Sources:");
    for source in sources() {
        say(format_args!("  {source}"));
    }
}
