//! Where a machine keeps Terraform's provider of AWS, for stories that must not fetch 700 MB.

use std::path::PathBuf;

/// The version that `infra/aws/versions.tf` names.
fn version() -> &'static str {
    include_str!("../../infra/aws/versions.tf")
        .lines()
        .find_map(|line| line.trim().strip_prefix("version = \"")?.split('"').next())
        .expect("the provider's version is pinned")
}

/// A folder that Terraform can take the provider from, if there is one: in its own places, or beside other software of the machine.
#[expect(clippy::disallowed_methods, reason = "looks at the machine, as Terraform itself does")]
pub fn mirror() -> Option<PathBuf> {
    let home = std::env::home_dir().unwrap_or_default();
    let mut places = vec![
        home.join(".terraform.d/plugins"),
        "/usr/local/share/terraform/plugins".into(),
        "/usr/share/terraform/plugins".into(),
    ];
    places.extend(std::env::var_os("TF_PLUGIN_CACHE_DIR").map(PathBuf::from));
    places.extend(std::fs::read_dir("/opt").into_iter().flatten().flatten().map(|entry| entry.path()));
    let provider = PathBuf::from("registry.terraform.io/hashicorp/aws").join(version());
    places.into_iter().find(|place| place.join(&provider).is_dir())
}
