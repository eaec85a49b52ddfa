//! What holds of every page, seen on its sample.

use std::{collections::BTreeSet, fs, path::Path};

use data_encoding::BASE64;
use http::header;
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use shared::pages::{assets, lang::Lang};

struct Sample {
    name: &'static str,
    policy: String,
    html: String,
}

/// Where the samples' site sends photos.
const UPLOAD_ORIGIN: &str = "https://storage.example";

/// Every sample of the public site and of the console.
async fn samples() -> Vec<Sample> {
    let public = site::pages::styleguide::SAMPLES.iter().map(|(name, render)| (*name, render(UPLOAD_ORIGIN)));
    let console = console::styleguide::SAMPLES.iter().map(|(name, render)| (*name, render()));
    let mut samples = Vec::new();
    for (name, rendered) in public.chain(console) {
        let response = rendered.unwrap_or_else(|problem| panic!("{name}: {problem:?}"));
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        let html = response.into_body().collect().await.unwrap().to_bytes();
        samples.push(Sample { name, policy, html: String::from_utf8(html.to_vec()).unwrap() });
    }
    samples
}

/// The paths that a browser can get or send a form to, of every function.
fn paths() -> impl Iterator<Item = &'static str> {
    let routes = [site::ROUTES, console::ROUTES, gallery::ROUTES].concat();
    routes.into_iter().filter_map(|route| route.strip_prefix("GET ").or_else(|| route.strip_prefix("POST ")))
}

/// The values of an attribute, wherever it stands.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let begin = format!(" {attribute}=\"");
    html.match_indices(&begin)
        .map(|(at, found)| {
            let rest = &html[at + found.len()..];
            &rest[..rest.find('"').unwrap()]
        })
        .collect()
}

/// Whether a path is served by a route: `{name}` stands for one segment, `{*name}` for all that follow.
fn serves(route: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (route.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(_)) if part.starts_with("{*") => return true,
            (Some(part), Some(value)) if part.starts_with('{') && !value.is_empty() => {}
            (Some(part), Some(value)) if part == value => {}
            _ => return false,
        }
    }
}

#[tokio::test]
async fn every_page_has_one_heading_a_title_and_a_way_past_the_header() {
    for Sample { name, html, .. } in samples().await {
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        assert_eq!(html.matches("<main").count(), 1, "{name}");
        assert!(html.contains("<title>") && !html.contains("<title></title>"), "{name}");
        assert!(html.contains(r##"<a class="skip-link" href="#main">"##), "{name}");
        assert!(html.starts_with("<!doctype html>"), "{name}: {}", &html[..40]);
    }
}

#[tokio::test]
async fn what_people_write_is_shown_intact_and_harmless() {
    let samples = samples().await;
    let page = |name: &str| samples.iter().find(|sample| sample.name == name).unwrap().html.clone();
    let gallery = page("gallery");
    assert!(gallery.contains("Ŵyth camera, un sioe ysgol"), "Welsh");
    assert!(gallery.contains("مختبر العلوم جاهز للصباح"), "Arabic");
    assert!(
        gallery.contains("💎") && gallery.contains("🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}"),
        "emoji"
    );
    assert!(gallery.contains("&#60;script&#62;alert(&#34;kiln&#34;)&#60;/script&#62;"), "escaped once");
    for Sample { name, html, .. } in samples {
        assert!(!html.contains("<script>"), "{name}");
        assert!(!html.contains("&#38;#"), "{name}: escaped twice");
    }
}

#[tokio::test]
async fn what_other_sites_show_of_a_page_is_marked_with_its_language() {
    let samples = samples().await;
    for (name, locale) in [("photo", "en_GB"), ("photo-welsh", "cy_GB")] {
        let html = &samples.iter().find(|sample| sample.name == name).unwrap().html;
        assert!(html.contains(&format!(r#"<meta property="og:locale" content="{locale}">"#)), "{name}");
    }
}

#[tokio::test]
async fn a_welsh_page_leads_to_welsh_pages_and_to_itself_in_english() {
    let mut welsh = 0;
    for Sample { name, html, .. } in samples().await {
        if !html.contains(r#"<html lang="cy">"#) {
            assert!(!name.ends_with("-welsh"), "{name} is not Welsh");
            continue;
        }
        welsh += 1;
        let (page, footer) = html.split_once("<footer").unwrap_or((&html, ""));
        let switch = footer.split_once(r#"" lang="en-GB" hreflang="en-GB">English</a>"#);
        // What is printed, or sent as a mail, has no footer.
        let (before, english) = switch.map_or((footer, None), |(before, _)| {
            let (before, english) = before.rsplit_once("<a href=\"").unwrap();
            (before, Some(english))
        });
        assert_eq!(english.is_some(), !footer.is_empty(), "{name}");
        if let Some(english) = english {
            assert_ne!(Lang::Cy.address(english), english, "{name}: its English page has no Welsh one");
        }
        for part in [page, before] {
            for link in values(part, "href").into_iter().filter(|link| link.starts_with('/')) {
                assert_eq!(Lang::Cy.address(link), link, "{name} leads to an English page that speaks Welsh, too");
            }
        }
    }
    assert!(welsh > 12, "{welsh} Welsh samples");
}

#[tokio::test]
async fn search_engines_are_told_of_a_page_in_each_of_its_languages() {
    let samples = samples().await;
    for Sample { name, html, .. } in &samples {
        let Some(english) = name.strip_suffix("-welsh") else { continue };
        let Some(english) = samples.iter().find(|sample| sample.name == english) else { continue };
        let told = |html: &str| -> BTreeSet<String> {
            html.lines()
                .filter(|line| line.contains(" hreflang=") && line.starts_with("<link"))
                .map(str::to_owned)
                .collect()
        };
        let listed = !html.contains(r#"<meta name="robots" content="noindex">"#);
        assert_eq!(told(html).len(), if listed { 2 } else { 0 }, "{name}");
        // Samples of one page may show different photos.
        if !matches!(*name, "photo-welsh" | "gallery-welsh") {
            assert_eq!(told(html), told(&english.html), "{name}");
        }
    }
}

#[tokio::test]
async fn what_we_say_on_a_welsh_page_is_welsh() {
    let samples = samples().await;
    // Of these nothing is the organiser's or comes from people but what is taken out, or is marked as English.
    for name in ["rules", "safety", "report", "report-taken", "poster", "schools"] {
        let name = format!("{name}-welsh");
        let html = &samples.iter().find(|sample| sample.name == name).unwrap().html;
        let main = html.split_once("<main").unwrap().1.split_once("</main>").unwrap().0;
        let mut parts = main.split("<li lang=\"en\">");
        let ours = parts.next().into_iter().chain(parts.map(|part| part.split_once("</li>").unwrap().1));
        let main = ours.collect::<String>();
        let text: String =
            main.split('<').filter_map(|part| Some(part.split_once('>')?.1)).collect::<Vec<_>>().join(" ");
        let text = text.replace("Copper sulphate crystals on day twelve", "").replace("photos.example", "");
        for word in text.split(|c: char| !c.is_alphabetic()) {
            let english = ["the", "and", "of", "photo", "photos", "you", "is", "it"];
            assert!(!english.contains(&word.to_lowercase().as_str()), "{name} says {word}: {text}");
        }
    }
}

#[tokio::test]
async fn every_internal_link_is_a_route() {
    for Sample { name, html, .. } in samples().await {
        for link in [values(&html, "href"), values(&html, "action"), values(&html, "src")].concat() {
            let path = link.split(['?', '#']).next().unwrap();
            if !path.starts_with('/') || path.starts_with("/m/") || path.starts_with("/draws/") {
                continue;
            }
            assert!(paths().any(|route| serves(route, path)), "{name} links to {link}");
            if let Some(asset) = path.strip_prefix(&format!("/assets/{}/", assets::digest())) {
                assert!(assets::find(asset).is_some(), "{name} links to {asset}");
            }
        }
    }
}

#[tokio::test]
async fn the_policy_allows_exactly_what_the_page_has() {
    for Sample { name, html, policy } in samples().await {
        let styles: Vec<&str> = html
            .match_indices("<style>")
            .map(|(at, tag)| {
                let rest = &html[at + tag.len()..];
                &rest[..rest.find("</style>").unwrap()]
            })
            .collect();
        assert!(styles.len() <= 1, "{name}");
        let hashes: Vec<String> =
            styles.iter().map(|css| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(css.as_bytes())))).collect();
        let style =
            std::iter::once("style-src 'self'").chain(hashes.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
        assert!(policy.split("; ").any(|directive| directive == style), "{name}: {policy}");
        assert!(!policy.contains("unsafe"), "{name}");
        for forbidden in [" style=\"", " onclick", " onload", " onerror=", " onsubmit", "javascript:", "<iframe"] {
            assert!(!html.contains(forbidden), "{name}: {forbidden}");
        }
        // Every script has an address.
        assert_eq!(
            html.matches("<script").count(),
            html.matches("<script type=\"module\" src=\"/assets/").count(),
            "{name}"
        );
    }
}

#[test]
fn pages_speak_welsh_where_the_routes_say_so() {
    let routes = || site::ROUTES.iter().filter_map(|route| route.strip_prefix("GET "));
    for route in routes().filter(|route| !route.starts_with("/cy")) {
        let path = route.replace("{digest}/{*path}", "0/a.css").replace("{edition}", "2027").replace(['{', '}'], "");
        let welsh = routes().any(|other| other.strip_prefix("/cy") == Some(route));
        assert_eq!(Lang::Cy.address(&path) != path, welsh, "{route}");
    }
}

#[test]
fn no_template_has_inline_style_or_script() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut waiting: Vec<_> = ["functions/site/templates", "functions/console/src", "shared/templates"]
        .map(|folder| root.join(folder))
        .into();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "html") {
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            // The comment at the top of base.html names what is forbidden.
            let markup = source.split_once("-#}").map_or(source.as_str(), |(_, rest)| rest);
            for forbidden in ["style=\"", " onclick", " onchange", " onload", "<script>", "javascript:"] {
                assert!(!markup.contains(forbidden), "{}: {forbidden}", path.display());
            }
        }
    }
}

#[tokio::test]
async fn the_preloaded_modules_are_those_that_the_entries_import() {
    for Sample { name, html, .. } in samples().await {
        let asset = |address: &str| address.rsplit_once(assets::digest()).map(|(_, path)| path[1..].to_owned());
        let tags = |begin: &str| -> BTreeSet<String> {
            html.lines()
                .filter(|line| line.starts_with(begin))
                .flat_map(|line| {
                    [values(line, "href"), values(line, "src")]
                        .concat()
                        .into_iter()
                        .filter_map(asset)
                        .collect::<Vec<_>>()
                })
                .collect()
        };
        let (entries, preloads) = (tags("<script type=\"module\""), tags("<link rel=\"modulepreload\""));
        // Walked anew from the files' own import lines.
        let mut imported = BTreeSet::new();
        let mut waiting: Vec<String> = entries.iter().cloned().collect();
        while let Some(module) = waiting.pop() {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/assets").join(&module);
            let source = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            for line in source.lines().filter(|line| {
                line.contains(" from \"./") || line.contains(" from \"../") || line.starts_with("import \".")
            }) {
                if line.trim_start().starts_with(['*', '/']) {
                    continue;
                }
                let specifier = line.rsplit('"').nth(1).unwrap();
                let folder = Path::new(&module).parent().unwrap();
                let mut parts: Vec<_> = folder.components().map(|part| part.as_os_str().to_str().unwrap()).collect();
                for part in specifier.split('/') {
                    match part {
                        "." => {}
                        ".." => {
                            parts.pop();
                        }
                        part => parts.push(part),
                    }
                }
                let target = parts.join("/");
                if imported.insert(target.clone()) {
                    waiting.push(target);
                }
            }
        }
        let expected: BTreeSet<String> = imported.difference(&entries).cloned().collect();
        assert_eq!(preloads, expected, "{name}");
    }
}

#[tokio::test]
async fn a_photo_s_card_has_an_absolute_jpeg() {
    let samples = samples().await;
    let photo = &samples.iter().find(|sample| sample.name == "photo").unwrap().html;
    let image = photo.lines().find(|line| line.contains("og:image\"")).unwrap();
    assert!(image.contains("content=\"https://photos.example/m/") && image.ends_with("/card.jpg\">"), "{image}");
    for property in ["og:title", "og:description", "og:url", "og:image:width", "og:image:alt", "twitter:card"] {
        assert!(photo.contains(property), "{property}");
    }
}

#[test]
fn the_gallery_s_scripts_and_styles_are_small() {
    let site = assets::find("css/site.css").unwrap().len();
    assert!(site < 40_000, "{site} bytes before compression");
}
