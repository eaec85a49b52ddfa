//! A tester that knows only the API's own description finds nothing that the description does not say.

use data_encoding::BASE64URL_NOPAD;
use shared::{domain::states::Role, runtime::ids::random};
use tests::{
    TestSystem,
    command::binaries,
    photos::small,
    system::{Setting, Throttling},
};
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn the_description_is_exact() {
    // The gateway refuses a flood in words of its own, which are not the API's.
    let system = TestSystem::with(Setting { throttling: Throttling::Off, ..Setting::default() }).await;
    let ids = system.device().add(&(0..6).map(small).collect::<Vec<_>>()).await;
    system.moderator().await.publish(&ids[..3]).await;
    let owner = system.member(Role::Owner).await;
    let uploader = format!("Uploader {}", BASE64URL_NOPAD.encode(&random::<32>()));
    let tool = binaries().with_file_name("tools").join("venv/bin/schemathesis");
    let description = format!("{}/api/v1/openapi.json", system.laptop.site);
    for (which, authorization) in [("--exclude-path-regex", owner.authorization), ("--include-path-regex", uploader)] {
        let mut run = Command::new(&tool);
        run.current_dir(system.folder()).args(["run", &description, which, "/uploads"]);
        run.args(["-H", &format!("Authorization: {authorization}"), "--checks", "all", "--max-examples", "15"]);
        // Both are about what a description cannot say: a credential that opens one route and not the next, and values that
        // have the right form and are wrong on this day.
        run.args(["--exclude-checks", "ignored_auth,positive_data_acceptance", "--suppress-health-check", "all"]);
        run.args(["--generation-deterministic", "--no-color"]).env_remove("CI");
        let output =
            run.output().await.unwrap_or_else(|error| panic!("{}: {error}; ./tests/run installs it", tool.display()));
        let report = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{report}{}", String::from_utf8_lossy(&output.stderr));
        let cases = report.lines().find(|line| line.contains("generated,")).unwrap_or_else(|| panic!("{report}"));
        println!("{which} /uploads: {cases}");
    }
    assert!(system.audit().await.differences.is_zero());
}
