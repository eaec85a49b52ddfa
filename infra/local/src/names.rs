//! The names of the laptop's resources. In the cloud, the infrastructure names them; functions know them only by their environment.

/// The functions' host name: behind the edge, `Host` is the API's name and not the site's.
pub const API_HOST: &str = "api.laptop.internal";
/// Name of the table.
pub const TABLE: &str = "techognition";
/// Name of the originals' bucket.
pub const ORIGINALS: &str = "techognition-originals";
/// Name of the bucket of renditions under review.
pub const REVIEW: &str = "techognition-review";
/// Name of the bucket of public renditions.
pub const PUBLIC: &str = "techognition-public";
/// Name of the bucket of removals.
pub const REMOVALS: &str = "techognition-removals";
/// Name of the queue of originals.
pub const ORIGINALS_QUEUE: &str = "originals";
/// Name of the queue of originals that have killed their worker.
pub const ISOLATION_QUEUE: &str = "isolation";
/// Name of the queue of messages that could not be handled.
pub const DEAD_LETTERS: &str = "originals-dead-letters";
/// The addresses at which drand's public beacon is read, separated by commas.
pub const BEACON_RELAYS: &str =
    "https://api.drand.sh,https://api2.drand.sh,https://api3.drand.sh,https://drand.cloudflare.com";
/// Id of the distribution that the edge stands for, in invalidations.
pub const DISTRIBUTION: &str = "ELAPTOP";
