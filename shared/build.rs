//! Writes the table of embedded files, everything below `assets/`, so that a new file need not be listed anywhere; and the texts of each
//! language, from `messages/`.
//!
//! Comments are removed from modules: they are for readers of the source, and make up a third of what a phone would fetch.

use std::{
    collections::BTreeSet,
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("assets");
    let mut files = Vec::new();
    walk(&root, &mut files)?;
    files.sort();
    let out = PathBuf::from(variable("OUT_DIR")?);
    let mut table = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&root).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        let embedded = if file.extension().is_some_and(|extension| extension == "js") {
            let bare = out.join(name.replace('/', "-"));
            fs::write(&bare, without_comments(&fs::read_to_string(file)?))?;
            bare
        } else {
            file.clone()
        };
        writeln!(table, "    ({name:?}, include_bytes!({:?})),", embedded.to_string_lossy())
            .map_err(io::Error::other)?;
    }
    table.push(']');
    fs::write(out.join("assets.rs"), table)?;
    fs::write(out.join("messages.rs"), messages(&PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("messages"))?)
}

/// The languages, each a file of `messages/` and one of `messages/scripts/`; all must have the keys of the first one.
const LANGUAGES: [&str; 2] = ["en", "cy"];
/// CLDR's plural categories. A language leaves out those that it does not have, and uses `other` for them.
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// Returns a struct with a field for each key, and a value of it for each language; and the phrases of the scripts.
fn messages(folder: &Path) -> io::Result<String> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let read = |language: &str| read(folder, language);
    let first = read(LANGUAGES[0])?;
    let mut out = String::from(
        "/// The words of one language, by what they mean.\n#[derive(Debug, PartialEq, Eq)]\npub struct Messages {\n",
    );
    for (key, value) in &first {
        let kind = if value.is_table() { "Plural" } else { "&'static str" };
        let said = value.as_str().unwrap_or("A plural.").replace(['[', ']', '<', '>'], "");
        writeln!(out, "    /// {said}\n    pub {key}: {kind},").map_err(io::Error::other)?;
    }
    out.push_str("}\n");
    for language in LANGUAGES {
        let words = read(language)?;
        same_keys(&first, &words, language)?;
        writeln!(out, "static {}: Messages = Messages {{", language.to_uppercase()).map_err(io::Error::other)?;
        for (key, value) in &words {
            if let Some(text) = value.as_str() {
                writeln!(out, "    {key}: {text:?},").map_err(io::Error::other)?;
            } else {
                let forms = forms(language, key, value)?;
                let other = forms.iter().find(|(category, _)| *category == "other").map_or("", |(_, text)| *text);
                let form = |category| forms.iter().find(|(name, _)| *name == category).map_or(other, |(_, text)| *text);
                let forms = CATEGORIES.map(|category| format!("{category}: {:?}", form(category))).join(", ");
                writeln!(out, "    {key}: Plural {{ {forms} }},").map_err(io::Error::other)?;
            }
        }
        out.push_str("};\n");
    }
    out.push_str(&phrases(&folder.join("scripts"))?);
    Ok(out)
}

/// Returns the phrases of the scripts in each language: for each key its forms by category, or one form without a category.
fn phrases(folder: &Path) -> io::Result<String> {
    let first = read(folder, LANGUAGES[0])?;
    let mut out = String::new();
    for language in LANGUAGES {
        let words = read(folder, language)?;
        same_keys(&first, &words, language)?;
        writeln!(out, "static SCRIPTS_{}: Phrases = &[", language.to_uppercase()).map_err(io::Error::other)?;
        for (key, value) in &words {
            let forms = value.as_str().map_or_else(|| forms(language, key, value), |text| Ok(vec![("", text)]))?;
            writeln!(out, "    ({key:?}, &{forms:?}),").map_err(io::Error::other)?;
        }
        out.push_str("];\n");
    }
    Ok(out)
}

fn read(folder: &Path, language: &str) -> io::Result<toml::Table> {
    fs::read_to_string(folder.join(format!("{language}.toml")))?.parse().map_err(io::Error::other)
}

/// Checks that all languages have the same keys, with the same placeholders.
fn same_keys(first: &toml::Table, words: &toml::Table, language: &str) -> io::Result<()> {
    let wrong = |what: &str| Err(io::Error::other(format!("messages of {language}: {what}")));
    if let Some(strange) = words.keys().find(|key| !first.contains_key(key.as_str())) {
        return wrong(&format!("{strange} is in no other language"));
    }
    for (key, value) in first {
        match words.get(key) {
            None => return wrong(&format!("{key} is missing")),
            Some(other) if places(other) != places(value) => return wrong(&format!("{key} has other places")),
            Some(_) => {}
        }
    }
    Ok(())
}

/// Returns the names in braces of a phrase, in all its forms.
fn places(value: &toml::Value) -> BTreeSet<&str> {
    let forms = value.as_table().into_iter().flat_map(toml::Table::values);
    let texts = std::iter::once(value).chain(forms).filter_map(toml::Value::as_str);
    texts.flat_map(|text| text.split('{').skip(1)).filter_map(|part| Some(part.split_once('}')?.0)).collect()
}

/// Returns the forms of a plural by category; `other` must be one of them.
fn forms<'a>(language: &str, key: &str, value: &'a toml::Value) -> io::Result<Vec<(&'static str, &'a str)>> {
    let missing = || io::Error::other(format!("messages of {language}: {key} is neither a text nor a plural"));
    let forms = value.as_table().filter(|forms| forms.contains_key("other")).ok_or_else(missing)?;
    let known = CATEGORIES.iter().filter_map(|category| Some((*category, forms.get(*category)?.as_str()?)));
    let known: Vec<_> = known.collect();
    if known.len() == forms.len() { Ok(known) } else { Err(missing()) }
}

/// Returns a module without indentation and without comments on lines of their own. Comments behind code stay, so that this need not parse
/// strings. It would damage a template literal over several lines: a test of the modules ensures that there is none.
fn without_comments(module: &str) -> String {
    let mut bare = String::with_capacity(module.len());
    let mut in_block = false;
    for line in module.lines().map(str::trim) {
        if in_block || line.starts_with("/*") {
            in_block = !line.ends_with("*/");
        } else if !line.is_empty() && !line.starts_with("//") {
            bare.push_str(&without_casts(line));
            bare.push('\n');
        }
    }
    bare
}

/// A line without the types that it tells the checker of types: `/** @type {…} */`, which no string of ours contains.
fn without_casts(line: &str) -> String {
    let mut parts = line.split("/** @type ");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        bare.push_str(part.split_once("*/").map_or(part, |(_, rest)| rest.trim_start()));
    }
    bare
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() {
            walk(&path, files)?;
        } else if !hidden {
            files.push(path);
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a build script has no other way to learn where it runs")]
fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}
