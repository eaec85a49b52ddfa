//! What the functions answer: the one list of routes that stories go through, so that a new route joins them by itself.

use local::functions::Functions;

/// A route of a function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// Its method.
    pub method: String,
    /// Its path, with variables in braces.
    pub path: String,
}

/// Every route of every function, the pages of the site included.
pub fn routes() -> Vec<Route> {
    let functions = Functions::read().expect("the list of functions").functions;
    let listed = functions.iter().flat_map(|function| &function.routes).map(String::as_str);
    let all = listed.filter(|route| *route != "$default").chain(site::ROUTES.iter().copied());
    let parted = all.map(|route| route.split_once(' ').expect("a method and a path"));
    parted.map(|(method, path)| Route { method: method.to_owned(), path: path.to_owned() }).collect()
}

/// The paths of every route that is read, each once.
pub fn read() -> Vec<String> {
    let mut paths: Vec<_> =
        routes().into_iter().filter(|route| route.method == "GET").map(|route| route.path).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// The addresses of a route, where its variable is one of `ids` or of this `school`; all other variables have names that are there.
pub fn addresses(path: &str, ids: &[String], school: &str) -> Vec<String> {
    let paths: Vec<String> = match path {
        path if path.contains("{id}") => ids.iter().map(|id| path.replace("{id}", id)).collect(),
        path => vec![path.replace("{school}", school).replace("{edition}", "2027")],
    };
    let filled = paths.into_iter().map(|filled| {
        // What is left has names of other things than photos.
        filled
            .replace("{digest}/{*path}", &format!("{}/css/site.css", shared::pages::assets::digest()))
            .replace("/qr/{name}", "/qr/add.svg")
            .replace("{name}", "photo-not-found")
    });
    let filled: Vec<_> = filled.collect();
    for address in &filled {
        assert!(!address.contains('{'), "{path}: say here what its variable stands for");
    }
    filled
}
