//! What the laptop calls its resources. In the cloud the infrastructure names them; functions know them by their environment only.

/// What the functions are asked for by: behind the edge, `Host` is the API's name and not the site's.
pub const API_HOST: &str = "api.laptop.internal";
/// The table.
pub const TABLE: &str = "techognition";
/// The originals' bucket.
pub const ORIGINALS: &str = "techognition-originals";
/// The bucket of renditions under review.
pub const REVIEW: &str = "techognition-review";
/// The bucket of public renditions.
pub const PUBLIC: &str = "techognition-public";
/// The bucket of removals.
pub const REMOVALS: &str = "techognition-removals";
/// The queue of originals.
pub const ORIGINALS_QUEUE: &str = "originals";
/// The queue of originals that have killed their worker.
pub const ISOLATION_QUEUE: &str = "isolation";
/// Where messages go that nobody could handle.
pub const DEAD_LETTERS: &str = "originals-dead-letters";
/// Where drand's public beacon is read.
pub const BEACON_RELAYS: &str =
    "https://api.drand.sh,https://api2.drand.sh,https://api3.drand.sh,https://drand.cloudflare.com";
/// The distribution that the edge is, to whoever invalidates what it keeps.
pub const DISTRIBUTION: &str = "ELAPTOP";
