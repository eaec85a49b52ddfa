//! Going back: all functions together, to what was live before, and never further by mistake. Deployments are imitated here; the real one
//! is a story of its own (`deployed.rs`).

use std::{fs, path::Path};

use serde_json::Value;
use shared::{
    runtime::Clock,
    store::{editions::Editions, table::Table},
};
use tempfile::TempDir;
use tests::{
    moto::{Moto, NAME, Tools},
    skip,
    system::{EVENT, edition},
};

const FUNCTIONS: [&str; 6] = ["uploads", "renditions", "gallery", "console", "housekeeping", "site"];

/// Makes the functions, of the first release.
const MAKE: &str = "
import io, json, zipfile
package = io.BytesIO()
with zipfile.ZipFile(package, 'w') as zipped:
    zipped.writestr('bootstrap', 'no function')
role = c('iam').create_role(RoleName='functions', AssumeRolePolicyDocument='{}')['Role']['Arn']
for name in FUNCTIONS:
    c('lambda').create_function(
        FunctionName=name, Runtime='provided.al2023', Role=role, Handler='bootstrap', Publish=True, Description='release aaa',
        Code={'ZipFile': package.getvalue()}, Environment={'Variables': {'SITE_ORIGIN': 'https://sample.example', 'RELEASE': 'aaa'}},
    )
    c('lambda').create_alias(FunctionName=name, Name='live', FunctionVersion='1', Description='release aaa')
";

/// Publishes a release of some functions as Terraform does, and writes down what was live before as the command does.
const PUBLISH: &str = "
for name in FUNCTIONS:
    c('lambda').update_function_configuration(
        FunctionName=name, Description=f'release {RELEASE}', Environment={'Variables': {'SITE_ORIGIN': 'https://sample.example', 'RELEASE': RELEASE}}
    )
    version = c('lambda').publish_version(FunctionName=name)['Version']
    c('lambda').update_alias(FunctionName=name, Name='live', FunctionVersion=version, **({'Description': NOTE} if NOTE else {}))
";

async fn publish(moto: &Moto, functions: &[&str], release: &str, note: &str) {
    publish_by(moto, functions, release, note, PUBLISH).await;
}

async fn publish_by(moto: &Moto, functions: &[&str], release: &str, note: &str, how: &str) {
    let functions: Vec<_> = functions.iter().map(|function| format!("{NAME}-{function}")).collect();
    let done = moto.python(&format!("FUNCTIONS = {functions:?}\nRELEASE = {release:?}\nNOTE = {note:?}\n{how}")).await;
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// The release of each function's live version, by the version's own environment, and what its alias says.
async fn live(moto: &Moto) -> Vec<(String, String)> {
    let functions: Vec<_> = FUNCTIONS.iter().map(|function| format!("{NAME}-{function}")).collect();
    let asked = moto
        .python(&format!(
            "import json\nlive = []\nfor name in {functions:?}:\n    alias = c('lambda').get_alias(FunctionName=name, Name='live')\n    \
             version = c('lambda').get_function_configuration(FunctionName=name, Qualifier=alias['FunctionVersion'])\n    \
             live.append((version['Environment']['Variables']['RELEASE'], alias['Description']))\nprint(json.dumps(live))"
        ))
        .await;
    serde_json::from_slice(&asked.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&asked.stderr)))
}

async fn release(moto: &Moto, folder: &Path) -> Value {
    moto.techognition(folder, &["status"]).await.unwrap()[0]["release"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_go_back_together_to_the_release_that_was_live_before() {
    let tools = match Tools::find() {
        Ok(tools) => tools,
        Err(missing) => {
            skip("functions_go_back_together_to_the_release_that_was_live_before", missing);
            return;
        }
    };
    let moto = Moto::start(&tools).await;
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("infra")).unwrap();
    fs::write(folder.join("infra/event.toml"), EVENT).unwrap();
    let (table, clock) = (Table::new(&moto.aws.dynamodb, NAME), Clock::system());
    table.create_if_absent().await.unwrap();
    Editions::new(&table, &clock).put(&edition()).await.unwrap();
    for queue in ["originals", "dead-letters"] {
        moto.aws.sqs.create_queue().queue_name(format!("{NAME}-{queue}")).send().await.unwrap();
    }
    let functions: Vec<_> = FUNCTIONS.iter().map(|function| format!("{NAME}-{function}")).collect();
    let made = moto.python(&format!("FUNCTIONS = {functions:?}\n{MAKE}")).await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let all = |release: &str, note: &str| vec![(release.to_owned(), note.to_owned()); FUNCTIONS.len()];
    assert_eq!(release(&moto, folder).await, "aaa");
    let refused = moto.techognition(folder, &["rollback"]).await.unwrap_err();
    assert!(refused.contains("no earlier release"), "{refused}");

    // A release that turned out bad, and back.
    publish(&moto, &FUNCTIONS, "bbb", "release bbb after aaa").await;
    assert_eq!(release(&moto, folder).await, "bbb");
    let moved = moto.techognition(folder, &["rollback"]).await.unwrap();
    assert_eq!(moved.len(), FUNCTIONS.len());
    assert_eq!(moved[0]["release"], "aaa");
    assert_eq!(live(&moto).await, all("aaa", "release aaa back from bbb"));
    assert_eq!(release(&moto, folder).await, "aaa");

    // Once more is not twice as good.
    let refused = moto.techognition(folder, &["rollback"]).await.unwrap_err();
    assert!(refused.contains("a rollback from bbb") && refused.contains("--to"), "{refused}");

    // The mended one is bad, too: what was live before it is not the one that has the number before.
    publish(&moto, &FUNCTIONS, "ccc", "release ccc after aaa").await;
    moto.techognition(folder, &["rollback"]).await.unwrap();
    assert_eq!(live(&moto).await, all("aaa", "release aaa back from ccc"));

    // Somebody says which, by the beginning of its name.
    moto.techognition(folder, &["rollback", "--to", "cc"]).await.unwrap();
    assert_eq!(live(&moto).await, all("ccc", "release ccc back from aaa"));

    // The edge's secret is changed twice: who knows none of the two could not answer any visitor.
    for (release, secrets) in [("sss", "a,b"), ("ttt", "b,c"), ("uuu", "c,d")] {
        let how = PUBLISH.replace("'RELEASE': RELEASE", &format!("'EDGE_SECRETS': {secrets:?}, 'RELEASE': RELEASE"));
        publish_by(&moto, &FUNCTIONS, release, &format!("release {release} after ccc"), &how).await;
    }
    let refused = moto.techognition(folder, &["rollback", "--to", "sss"]).await.unwrap_err();
    assert!(refused.contains("could not answer any visitor"), "{refused}");
    moto.techognition(folder, &["rollback", "--to", "ttt"]).await.unwrap();
    let refused = moto.techognition(folder, &["rollback", "--to", "sss"]).await.unwrap_err();
    assert!(refused.contains("could not answer any visitor"), "{refused}");
    moto.techognition(folder, &["rollback", "--to", "ccc"]).await.unwrap();

    // A deployment that ended in the middle: its release cannot be gone back to, and a rollback makes one release of what is live.
    publish(&moto, &FUNCTIONS[..4], "ddd", "").await;
    let said = moto.techognition(folder, &["status"]).await.unwrap_err();
    assert!(said.contains("\"release\":null"), "{said}");
    let refused = moto.techognition(folder, &["rollback", "--to", "ddd"]).await.unwrap_err();
    assert!(
        refused.contains("not complete") && refused.contains("techognition-housekeeping, techognition-site"),
        "{refused}"
    );
    assert_eq!(live(&moto).await[5].0, "ccc", "nothing was changed");
    let moved = moto.techognition(folder, &["rollback"]).await.unwrap();
    assert_eq!(moved.len(), 4);
    assert_eq!(
        live(&moto).await.into_iter().map(|(release, _)| release).collect::<Vec<_>>(),
        vec!["ccc"; FUNCTIONS.len()]
    );
}
