//! What `docs/ARCHITECTURE.md` says of dependencies, held against the sources. The code of tests is not looked at.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// External crates that the domain may use: all of them compute, and none reads, writes or waits.
const PURE: [&str; 15] = [
    "bls12_381",
    "data_encoding",
    "hmac",
    "jiff",
    "serde",
    "serde_json",
    "sha2",
    "std",
    "strsim",
    "subtle",
    "thiserror",
    "toml",
    "unicode_normalization",
    "unicode_segmentation",
    "utoipa",
];

/// The sources below a folder of the repository, by their path in it, without comments and tests.
fn sources(folder: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let (mut found, mut waiting) = (BTreeMap::new(), vec![root.clone()]);
    while let Some(at) = waiting.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                found.insert(name, bare(&path));
            }
        }
    }
    assert!(!found.is_empty(), "no source in {folder}");
    found
}

/// Whether a file of the domain is nothing but tests, or samples for them.
fn of_tests(name: &str) -> bool {
    let end = name.trim_end_matches(".rs").rsplit('/').next().unwrap_or_default();
    ["fields", "sample", "tests", "walks"].contains(&end)
}

fn bare(path: &PathBuf) -> String {
    let source = fs::read_to_string(path).unwrap();
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect()
}

/// The paths of all `use` declarations, each whole: `use a::{b, c::d};` is `a::b` and `a::c::d`.
fn uses(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("use ") {
        let begins = rest[..at].chars().next_back().is_none_or(|before| before == '\n' || before == ' ');
        let declaration = rest[at + 4..].split(';').next().unwrap_or_default();
        // A sentence in a text may have the word, too.
        let mut words = declaration.split_whitespace();
        let path = words.next().is_some_and(|first| first.contains("::")) || matches!(words.next(), None | Some("as"));
        if begins && path {
            let tree: String = declaration.split_whitespace().collect();
            spread("", &tree, &mut paths);
        }
        rest = &rest[at + 4..];
    }
    paths
}

/// The paths of one tree of imports.
fn spread(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let (mut depth, mut from) = (0, 0);
    let mut parts = Vec::new();
    for (at, c) in tree.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&tree[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tree[from..]);
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        match part.split_once('{') {
            Some((before, inner)) => spread(&format!("{prefix}{before}"), inner.trim_end_matches('}'), paths),
            None => paths.push(format!("{prefix}{part}")),
        }
    }
}

/// The file of the domain that a path names, seen from another one: `super::photo::Photo` is `photo`.
fn names(path: &str, from: &str, files: &BTreeSet<String>) -> Option<String> {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let (mut folder, rest) = match path.split_once("::")? {
        ("crate", rest) => (String::new(), rest.strip_prefix("domain::")?),
        // A `mod.rs` is its folder's own module: its `super` is a folder further out.
        ("super", rest) if from.ends_with("/mod") => (String::new(), rest),
        ("super", rest) => (folder.to_owned(), rest),
        _ => return None,
    };
    if !folder.is_empty() {
        folder.push('/');
    }
    let mut parts = rest.split("::");
    let (first, second) = (parts.next()?, parts.next().unwrap_or_default());
    let candidates = [format!("{folder}{first}/{second}"), format!("{folder}{first}"), format!("{folder}{first}/mod")];
    candidates.into_iter().find(|name| files.contains(name))
}

/// The files that can be reached from one by its imports, itself only by a circle.
fn reached(from: &str, imports: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut met = BTreeSet::new();
    let mut waiting: Vec<&String> = imports.get(from).into_iter().flatten().collect();
    while let Some(file) = waiting.pop() {
        if met.insert(file.clone()) {
            waiting.extend(imports.get(file).into_iter().flatten());
        }
    }
    met
}

/// The domain's files, each with those that it imports.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let sources: BTreeMap<String, String> = sources("shared/src/domain")
        .into_iter()
        .map(|(name, code)| (name.trim_end_matches(".rs").to_owned(), code))
        // The one file at the top names all, and tests may use everything.
        .filter(|(name, _)| name != "mod" && !of_tests(name))
        .collect();
    let files: BTreeSet<String> = sources.keys().cloned().collect();
    let of = |(name, code): (&String, &String)| {
        let paths = uses(code);
        let named = paths.iter().filter_map(|path| names(path, name, &files)).filter(|other| other != name);
        (name.clone(), named.collect())
    };
    sources.iter().map(of).collect()
}

#[test]
fn the_domains_files_import_each_other_in_no_circle() {
    let imports = imports();
    assert!(imports["change"].contains("photo"), "imports are read: {:?}", imports["change"]);
    assert!(imports.values().map(BTreeSet::len).sum::<usize>() > 100, "imports are read");
    for file in imports.keys() {
        let reached = reached(file, &imports);
        assert!(!reached.contains(file), "{file} imports itself by way of {:?}", imports[file]);
    }
}

#[test]
fn a_circle_would_be_found() {
    let mut imports = imports();
    imports.get_mut("photo").unwrap().insert("change".to_owned());
    assert!(reached("photo", &imports).contains("photo"));
}

#[test]
fn the_domain_names_no_crate_that_reads_writes_or_waits() {
    for (file, code) in sources("shared/src/domain").into_iter().filter(|(file, _)| !of_tests(file)) {
        for path in uses(&code) {
            let root = path.split("::").next().unwrap();
            let ours = ["crate", "super", "self"].contains(&root);
            // What `mod.rs` re-exports, and enums whose variants are imported, are named by themselves.
            let local = path.split("::").count() > 1 && root.chars().next().is_some_and(char::is_uppercase);
            let reexported = file.ends_with("mod.rs");
            assert!(ours || local || reexported || PURE.contains(&root), "{file} uses {path}");
        }
        for word in ["async fn", ".await", "std::fs", "std::net", "std::env", "SystemTime", "Instant::now"] {
            assert!(!code.contains(word), "{file} has {word}");
        }
    }
}

#[test]
fn only_the_store_names_the_sdk() {
    let functions = ["console", "gallery", "housekeeping", "renditions", "site", "uploads"];
    let folders = ["domain", "pages", "runtime", "web"].map(|folder| format!("shared/src/{folder}"));
    for folder in functions.map(|function| format!("functions/{function}/src")).into_iter().chain(folders) {
        for (file, code) in sources(&folder) {
            // A crate of the SDK, and not the name of one as the target of a log.
            let words = code.split(|c: char| !c.is_alphanumeric() && !['_', ':'].contains(&c));
            let events = |word: &&str| word.starts_with("aws_lambda_events::");
            let named = words.filter(|word| word.starts_with("aws_") && word.contains("::") && !events(word));
            assert_eq!(named.collect::<Vec<_>>(), Vec::<&str>::new(), "{folder}/{file}");
        }
    }
}

#[test]
fn chance_comes_from_the_runtime_alone() {
    let functions = ["console", "gallery", "housekeeping", "renditions", "site", "uploads"];
    let folders = ["domain", "pages", "store", "web"].map(|folder| format!("shared/src/{folder}"));
    for folder in functions.map(|function| format!("functions/{function}/src")).into_iter().chain(folders) {
        for (file, code) in sources(&folder) {
            for source in ["getrandom::", "rand::", "OsRng", "thread_rng"] {
                assert!(!code.contains(source), "{folder}/{file} names {source}");
            }
        }
    }
    assert!(sources("shared/src/runtime").values().any(|code| code.contains("getrandom::")), "it comes from there");
}
