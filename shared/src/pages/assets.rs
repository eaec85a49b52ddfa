//! The files of `assets/`, embedded in the binary and served under a path that contains a digest of their content: so they can be cached
//! for a year, and a new version is never used by an old page.
//!
//! Decision: the style sheet of all pages is the plain files of [`SITE_CSS`], concatenated. One request for each would cost a phone on a
//! slow network more than it would gain in tidiness; there is no build step, and because of the cascade layers the order of the files does
//! not matter.

use std::{collections::BTreeSet, sync::LazyLock};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// The path below `assets/`, and the content; sorted by path.
type Embedded = &'static [(&'static str, &'static [u8])];

const FILES: Embedded = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Entry modules of every page; those that do not exist are skipped.
pub const EVERY_PAGE: [&str; 1] = ["js/upload/reminder.js"];

/// The module through which the others get their phrases.
pub const WORDS: &str = "js/words.js";

/// The style sheet that all pages share.
const SITE: &str = "css/site.css";

/// The files of [`SITE`], in this order.
const SITE_CSS: [&str; 22] = [
    "css/layers.css",
    "css/reset.css",
    "css/tokens.css",
    "css/base.css",
    "css/layout.css",
    "css/components/button.css",
    "css/components/field.css",
    "css/components/combo.css",
    "css/components/dialog.css",
    "css/components/header.css",
    "css/components/footer.css",
    "css/components/label.css",
    "css/components/tile.css",
    "css/components/rows.css",
    "css/components/tray.css",
    "css/components/filters.css",
    "css/components/shelf.css",
    "css/components/steps.css",
    "css/components/notice.css",
    "css/components/photo.css",
    "css/components/school.css",
    "css/components/prose.css",
];

static SITE_TEXT: LazyLock<Vec<u8>> =
    LazyLock::new(|| SITE_CSS.iter().filter_map(|path| embedded(path)).flatten().copied().collect());

static DIGEST: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for (path, bytes) in FILES {
        for part in [path.as_bytes(), bytes] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
    }
    HEXLOWER.encode(&hash.finalize())[..12].to_owned()
});

/// Returns the digest of all assets: the first 12 hexadecimal digits of a SHA-256 over them.
pub fn digest() -> &'static str {
    &DIGEST
}

/// Returns the address of an asset.
pub fn url(path: &str) -> String {
    format!("/assets/{}/{path}", digest())
}

/// Returns the content of an asset; `None` if there is no such asset.
pub fn find(path: &str) -> Option<&'static [u8]> {
    if path == SITE { Some(&SITE_TEXT) } else { embedded(path) }
}

/// Returns the paths of all embedded files.
pub fn paths() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(path, _)| *path)
}

/// Returns the content type of an asset, according to its name.
pub fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
        Some("json") => "application/json",
        Some("jpg") => "image/jpeg",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Returns the entries and every module that they import, directly or not: the entries first, then in the order in which they are found.
pub fn module_graph(entries: &[&'static str]) -> Vec<&'static str> {
    walked(entries, imports)
}

/// Like [`module_graph`], with the modules that are fetched only when they are needed.
pub fn all_modules(entries: &[&'static str]) -> Vec<&'static str> {
    walked(entries, |module| [imports(module), late_imports(module)].concat())
}

/// Returns the keys of the phrases in these modules: the texts in `phrase("…"`.
pub fn phrases(modules: &[&'static str]) -> Vec<&'static str> {
    modules.iter().flat_map(|module| quoted(source(module), "phrase(")).collect()
}

fn walked(entries: &[&'static str], imports: impl Fn(&str) -> Vec<&'static str>) -> Vec<&'static str> {
    let mut met = BTreeSet::new();
    let mut graph = Vec::new();
    let mut waiting: Vec<&'static str> = entries.iter().rev().copied().collect();
    while let Some(module) = waiting.pop() {
        if met.insert(module) {
            graph.push(module);
            waiting.extend(imports(module).into_iter().rev());
        }
    }
    graph
}

/// Returns the modules that one module imports statically: relative imports, one per line.
pub fn imports(module: &str) -> Vec<&'static str> {
    source(module).lines().filter_map(specifier).filter_map(|specifier| resolve(module, specifier)).collect()
}

/// Returns the modules that one module imports dynamically. (Types in comments look like imports, too: lines of comments are skipped.)
fn late_imports(module: &str) -> Vec<&'static str> {
    let code = source(module).lines().filter(|line| !line.trim_start().starts_with(['*', '/']));
    code.flat_map(|line| quoted(line, "import(")).filter_map(|specifier| resolve(module, specifier)).collect()
}

/// Returns the texts in double quotes that directly follow `call`.
fn quoted<'a>(source: &'a str, call: &str) -> Vec<&'a str> {
    let behind = source.match_indices(call).filter_map(|(at, found)| source.get(at + found.len()..));
    behind.filter_map(|rest| Some(rest.strip_prefix('"')?.split_once('"')?.0)).collect()
}

/// Returns the source of a module; empty if there is no such module.
fn source(module: &str) -> &'static str {
    find(module).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}

/// Returns the specifier in a line such as `import { a } from "./a.js";`, `} from "./a.js";` or `import "./a.js";`.
fn specifier(line: &str) -> Option<&str> {
    let statement = line.strip_suffix(';').unwrap_or(line);
    let begins = ["import ", "export ", "} from "].iter().any(|word| statement.starts_with(word));
    let (before, specifier) = statement.strip_suffix('"')?.rsplit_once('"')?;
    (begins && (before.ends_with("from ") || before == "import ") && specifier.starts_with('.')).then_some(specifier)
}

/// Returns the embedded file that `specifier` refers to in `module`.
fn resolve(module: &str, specifier: &str) -> Option<&'static str> {
    let mut parts: Vec<&str> = module.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    let path = parts.join("/");
    paths().find(|known| *known == path)
}

fn embedded(path: &str) -> Option<&'static [u8]> {
    FILES.binary_search_by(|(known, _)| (*known).cmp(path)).ok().map(|i| FILES[i].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_the_style_sheet_is_there() {
        for path in SITE_CSS {
            assert!(embedded(path).is_some(), "{path}");
        }
        assert!(find(SITE).unwrap().starts_with(b"@layer reset, tokens, base, layout, components;"));
    }

    #[test]
    fn every_style_sheet_is_either_shared_or_named_by_a_page() {
        let of_pages = [
            "home",
            "upload",
            "film",
            "mine",
            "cover",
            "moderation",
            "styleguide",
            "stats",
            "day",
            "print",
            "embed",
            "wall",
            "whole",
        ]
        .map(|name| format!("css/components/{name}.css"));
        for path in paths().filter(|path| content_type(path).starts_with("text/css")) {
            assert!(SITE_CSS.contains(&path) || of_pages.iter().any(|known| known == path), "{path} is on no page");
        }
    }

    #[test]
    fn import_lines_of_every_usual_form_are_read() {
        for line in [
            r#"import { a } from "./a.js";"#,
            r#"} from "./a.js";"#,
            r#"import "./a.js";"#,
            r#"export { b } from "./a.js""#,
        ] {
            assert_eq!(specifier(line), Some("./a.js"), "{line}");
        }
        for line in [
            r#"// import "./a.js";"#,
            r#"const from = "./a.js";"#,
            r#" * import { a } from "./a.js";"#,
            "import x from \"fs\";",
        ] {
            assert_eq!(specifier(line), None, "{line}");
        }
    }

    #[test]
    fn every_relative_import_of_every_module_is_an_embedded_file() {
        for module in paths().filter(|path| content_type(path).starts_with("text/javascript")) {
            let specifiers: Vec<_> = source(module).lines().filter_map(specifier).collect();
            assert_eq!(specifiers.len(), imports(module).len(), "{module} imports {specifiers:?}");
            // Modules that few people need are fetched on demand, and must exist then.
            let code = source(module).lines().filter(|line| !line.trim_start().starts_with(['*', '/']));
            // An address that the page names is that of one of its late modules: see `Layout::late_modules`.
            let code = code.filter(|line| !line.contains("import(form.dataset["));
            let calls = code.map(|line| line.matches("import(").count()).sum::<usize>();
            assert_eq!(calls, late_imports(module).len(), "{module} imports {:?} when it runs", late_imports(module));
        }
    }

    #[test]
    fn the_digest_is_twelve_hexadecimal_digits() {
        assert_eq!(digest().len(), 12);
        assert!(digest().bytes().all(|b| b.is_ascii_hexdigit()));
    }
}
