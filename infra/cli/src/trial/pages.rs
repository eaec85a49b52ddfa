//! Checks of what a visitor and a moderator see of the site through its edge.

use std::io::Read;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use flate2::read::GzDecoder;
use http::{Method, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::{runtime::ids, store::members::Members};

use super::{Run, Told, checks, described, expect, header};

/// How often something is requested that one edge may have cached and another not yet.
const ASKS: usize = 8;
/// How long the code is valid with which the trial signs in.
const CODE: SignedDuration = SignedDuration::from_mins(10);

impl<F: FnMut(Told<'_>)> Run<'_, F> {
    /// Checks the pages. Returns whether there was any answer.
    pub(super) async fn pages(&mut self) -> bool {
        let home = self.page(&checks::HOME, async |run| run.protected("/").await).await;
        if home.is_none() && self.get("/", &[]).await.is_err() {
            return false;
        }
        self.page(&checks::EVENT, async |run| run.event().await).await;
        self.page(&checks::STRANGER, async |run| run.stranger().await).await;
        let kept = if home.is_none() {
            self.skip(&checks::KEPT, &checks::HOME);
            self.skip(&checks::COMPRESSED, &checks::HOME);
            None
        } else {
            let kept = self.kept().await;
            let kept = self.check(&checks::KEPT, kept);
            let compressed = self.compressed().await;
            self.check(&checks::COMPRESSED, compressed);
            kept
        };
        let queries = self.queries().await;
        self.check(&checks::QUERIES, queries);
        if kept.is_some() {
            let others = self.other_queries().await;
            self.check(&checks::OTHER_QUERIES, others);
        } else {
            self.skip(&checks::OTHER_QUERIES, &checks::KEPT);
        }
        true
    }

    async fn protected(&self, path: &str) -> Result<()> {
        let answer = self.get(path, &[]).await?;
        expect(&answer, &[StatusCode::OK])?;
        let names = ["content-security-policy", "strict-transport-security", "x-content-type-options"];
        let missing: Vec<_> = names.into_iter().filter(|name| !answer.headers.contains_key(*name)).collect();
        if missing.is_empty() { Ok(()) } else { bail!("without the headers {}", missing.join(", ")) }
    }

    async fn event(&self) -> Result<()> {
        let answer = self.get("/api/v1/event", &[]).await?;
        expect(&answer, &[StatusCode::OK])?;
        let body: Value = serde_json::from_slice(&answer.body).context("its answer is not JSON")?;
        body["phase"].as_str().map(drop).context("its answer names no phase")
    }

    async fn stranger(&self) -> Result<()> {
        let answer = self.http.send(Method::POST, &self.at("/api/v1/uploads"), &[], Bytes::from("{}")).await?;
        expect(&answer, &[StatusCode::UNAUTHORIZED])
    }

    /// The second answer comes from the edge, and states its age.
    async fn kept(&self) -> Result<()> {
        let mut last = String::new();
        for _ in 0..ASKS {
            let answer = self.get("/", &[]).await?;
            let (from, age) = (header(&answer, "x-cache"), header(&answer, "age"));
            if from.starts_with("Hit") && !age.is_empty() {
                return Ok(());
            }
            last = format!("x-cache {from:?}, age {age:?}");
        }
        bail!("asked {ASKS} times, the edge fetched each answer again ({last})")
    }

    async fn compressed(&self) -> Result<()> {
        let mut last = String::new();
        for _ in 0..ASKS {
            let answer = self.get("/", &[("accept-encoding", "br, gzip")]).await?;
            header(&answer, "content-encoding").clone_into(&mut last);
            if ["br", "gzip"].contains(&last.as_str()) {
                return Ok(());
            }
        }
        bail!("for a browser that accepts br and gzip, the home page has the content-encoding {last:?}")
    }

    /// Each query parameter that passes makes another answer.
    async fn queries(&self) -> Result<()> {
        let mut dropped = Vec::new();
        for name in passing()? {
            let Some(probe) = Probe::new(&name, &self.stack.origin) else {
                dropped.push(format!("{name} (there is no probe for it)"));
                continue;
            };
            let (without, with) = (self.get(&probe.without, &[]).await?, self.get(&probe.with, &[]).await?);
            let differs = match probe.differs {
                Differs::Status => without.status != with.status,
                Differs::Body => without.body != with.body,
            };
            if !differs {
                dropped.push(name);
            }
        }
        if dropped.is_empty() { Ok(()) } else { bail!("these change nothing: {}", dropped.join(", ")) }
    }

    /// A query parameter that does not pass reaches no function, and gets the cached page.
    async fn other_queries(&self) -> Result<()> {
        let mut last = String::new();
        for _ in 0..ASKS {
            let answer = self.get(&format!("/api/v1/photos?trial={}", ids::request()), &[]).await?;
            if answer.status != StatusCode::OK {
                bail!("it reached the function, which answered {}", described(&answer));
            }
            header(&answer, "x-cache").clone_into(&mut last);
            if last.starts_with("Hit") {
                return Ok(());
            }
        }
        bail!("asked {ASKS} times, the edge fetched each answer again (x-cache {last:?})")
    }

    /// Signs in as a moderator does. Returns the cookie.
    pub(super) async fn sign_in(&mut self, members: &Members) -> Option<String> {
        let entered = self.entered(members).await;
        self.check(&checks::SIGN_IN, entered)
    }

    /// Checks a page for members, requested as a browser does.
    pub(super) async fn members_page(&mut self, cookie: Option<&str>) {
        let Some(cookie) = cookie else {
            self.skip(&checks::PACKED, &checks::SIGN_IN);
            return;
        };
        let whole = self.unpacked("/moderation/queue", cookie).await;
        self.check(&checks::PACKED, whole);
    }

    async fn unpacked(&self, path: &str, cookie: &str) -> Result<()> {
        let answer = self.get(path, &[("cookie", cookie), ("accept-encoding", "gzip")]).await?;
        expect(&answer, &[StatusCode::OK])?;
        let mut page = String::new();
        match header(&answer, "content-encoding") {
            "gzip" => GzDecoder::new(&*answer.body).read_to_string(&mut page),
            _ => answer.body.as_ref().read_to_string(&mut page),
        }
        .context("its content does not match its content-encoding")?;
        if page.contains("</html>") { Ok(()) } else { bail!("it breaks off after {} bytes", page.len()) }
    }

    async fn entered(&self, members: &Members) -> Result<String> {
        let code = members.code(&self.prepared.person.id, None, CODE, self.clock.now()).await?;
        let code = code.context("the trial's moderator is gone")?;
        let body = json!({ "code": code }).to_string();
        let headers = [("content-type", "application/json")];
        let answer = self.http.send(Method::POST, &self.at("/api/v1/session"), &headers, body.into()).await?;
        expect(&answer, &[StatusCode::OK]).context("the link was refused")?;
        let cookie = header(&answer, "set-cookie").split(';').next().unwrap_or_default().to_owned();
        if cookie.is_empty() {
            bail!("signing in set no cookie");
        }
        let known = self.get("/api/v1/session", &[("cookie", &cookie)]).await?;
        expect(&known, &[StatusCode::OK]).context("the session was forgotten at once")?;
        let session: Value = serde_json::from_slice(&known.body).context("the session's answer is not JSON")?;
        if session["role"] != "moderator" {
            bail!("someone else is signed in: {session}");
        }
        Ok(cookie)
    }
}

/// Returns the names of all query parameters that `infra/edge.json` lets pass.
fn passing() -> Result<Vec<String>> {
    let edge: Value = serde_json::from_str(include_str!("../../../edge.json"))?;
    let groups = edge["queries"].as_object().context("infra/edge.json has no queries")?;
    Ok(groups.values().filter_map(Value::as_array).flatten().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Two addresses that get the same answer if a query parameter does not pass.
struct Probe {
    without: String,
    with: String,
    differs: Differs,
}

/// How the answers differ if it passes.
enum Differs {
    Status,
    Body,
}

impl Probe {
    /// Returns how to probe a query parameter, mostly with a value that is refused; `None` if that is not known.
    fn new(name: &str, origin: &str) -> Option<Self> {
        let status = |without: &str, value: &str| {
            let with = format!("{without}?{name}={value}");
            Some(Self { without: without.to_owned(), with, differs: Differs::Status })
        };
        // The address of the gallery, which has an oEmbed frame.
        let url = format!("url={}/gallery", origin.replace(':', "%3A").replace('/', "%2F"));
        let embed = |value: &str, differs| {
            let without = format!("/oembed?{url}");
            Some(Self { with: format!("{without}&{name}={value}"), without, differs })
        };
        match name {
            "after" | "discipline" | "edition" | "half" | "limit" | "nation" | "picked" | "school" => {
                status("/api/v1/photos", "!")
            }
            "q" => status("/api/v1/photos", &"q".repeat(300)),
            "since" => status("/api/v1/wall", "-1"),
            "url" => {
                Some(Self { without: "/oembed".to_owned(), with: format!("/oembed?{url}"), differs: Differs::Status })
            }
            "format" => embed("xml", Differs::Status),
            "maxheight" | "maxwidth" => embed("100", Differs::Body),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_that_passes_can_be_tried() {
        let names = passing().unwrap();
        assert!(names.len() > 9, "{names:?}");
        for name in names {
            let probe = Probe::new(&name, "https://photos.example").unwrap_or_else(|| panic!("add a probe for {name}"));
            assert_ne!(probe.without, probe.with);
            assert!(probe.with.contains(&format!("{name}=")), "{name}");
        }
        assert!(Probe::new("utm_source", "https://photos.example").is_none());
    }
}
