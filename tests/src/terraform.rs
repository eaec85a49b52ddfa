//! Terraform and its provider of AWS, where a machine has them: for stories that must not fetch 700 MB.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The version that `infra/aws/versions.tf` names.
fn version() -> &'static str {
    include_str!("../../infra/aws/versions.tf")
        .lines()
        .find_map(|line| line.trim().strip_prefix("version = \"")?.split('"').next())
        .expect("the provider's version is pinned")
}

/// A folder that Terraform can take the provider from, if there is one: in its own places, or beside other software of the machine.
#[expect(clippy::disallowed_methods, reason = "looks at the machine, as Terraform itself does")]
fn mirror() -> Option<PathBuf> {
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

/// What of Terraform is missing on this machine: itself, or its provider; or else where the provider is.
pub fn find() -> Result<PathBuf, &'static str> {
    let version = std::process::Command::new("terraform").arg("version").output();
    version.map_err(|_| "Terraform")?;
    mirror().ok_or("Terraform's provider of AWS")
}

/// The description of the infrastructure in a folder of its own, and a file that tells Terraform to take the provider from
/// `mirror`: `{folder}/infra/aws`, the files that it reads, and `{folder}/providers.tfrc`, whose path it answers.
pub fn checkout(folder: &Path, mirror: &Path) -> io::Result<PathBuf> {
    let infra = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra");
    for part in ["infra/aws/tests", "infra/aws", "infra"] {
        fs::create_dir_all(folder.join(part))?;
        for entry in fs::read_dir(infra.join("..").join(part))? {
            let path = entry?.path();
            let wanted =
                path.extension().is_some_and(|kind| ["tf", "hcl", "json", "js"].iter().any(|ours| kind == *ours));
            if let Some(name) = path.file_name().filter(|_| wanted) {
                fs::copy(&path, folder.join(part).join(name))?;
            }
        }
    }
    let providers = folder.join("providers.tfrc");
    let words = format!("provider_installation {{\n  filesystem_mirror {{ path = \"{}\" }}\n}}\n", mirror.display());
    fs::write(&providers, words)?;
    Ok(providers)
}
