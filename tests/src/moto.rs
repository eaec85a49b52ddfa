//! moto: an independent AWS on this machine, for stories that need more of it than the laptop has.
//!
//! It keeps what it is told and gives it back; it checks no signature, reads no condition of a policy, and runs no function.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use serde_json::Value;
use shared::store::{Aws, client::Endpoints};
use tokio::process::{Child, Command};

use crate::{command::binaries, system::eventually};

/// The site's name.
pub const NAME: &str = "techognition";
/// Where it is.
pub const REGION: &str = "eu-west-2";
/// moto's only account.
pub const ACCOUNT: &str = "123456789012";
/// The buckets.
pub const ROOMS: [&str; 4] = ["originals", "review", "public", "removals"];

/// Where moto is on this machine.
pub struct Tools {
    python: PathBuf,
}

impl Tools {
    /// Looks for moto.
    ///
    /// # Errors
    /// What is not here.
    pub fn find() -> Result<Self, &'static str> {
        let tools = binaries().parent().expect("a folder of all builds").join("tools/moto/bin");
        if !tools.join("moto_server").exists() {
            return Err("moto (tests/run installs it)");
        }
        Ok(Self { python: tools.join("python") })
    }
}

/// An emulated AWS of a story's own.
pub struct Moto {
    /// Its address.
    pub url: String,
    /// Clients of it.
    pub aws: Aws,
    python: PathBuf,
    _server: Child,
}

impl Moto {
    /// Starts one.
    pub async fn start(tools: &Tools) -> Self {
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        let mut server = Command::new(tools.python.with_file_name("moto_server"));
        server
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let server = server.kill_on_drop(true).spawn().expect("moto starts");
        let url = format!("http://127.0.0.1:{port}");
        eventually("moto listens", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
        let aws = Aws::at(&Endpoints {
            cloudfront: url.clone(),
            dynamodb: url.clone(),
            s3: url.clone(),
            sqs: url.clone(),
            region: REGION.to_owned(),
            access_key: "test".to_owned(),
            secret_key: "test".to_owned(),
        });
        Self { url, aws, python: tools.python.clone(), _server: server }
    }

    /// Runs a line of Python in which `c(service)` is a client.
    pub async fn python(&self, line: &str) -> Output {
        let code = format!("import boto3\nc = lambda service: boto3.client(service, region_name='{REGION}')\n{line}");
        let mut python = Command::new(&self.python);
        python.args(["-c", &code]);
        self.tell(&mut python);
        python.output().await.expect("moto answers")
    }

    /// Takes the buckets' policies away: moto reads no condition, so that each of their denials denies everything. Gives back what
    /// [`Moto::put_policies`] puts where it was.
    pub async fn take_policies(&self) -> Vec<(String, String)> {
        let mut taken = Vec::new();
        for room in ROOMS {
            let bucket = format!("{NAME}-{ACCOUNT}-{room}");
            let policy = self
                .aws
                .s3
                .get_bucket_policy()
                .bucket(&bucket)
                .send()
                .await
                .expect("moto answers")
                .policy
                .expect("a policy");
            self.aws.s3.delete_bucket_policy().bucket(&bucket).send().await.expect("moto answers");
            taken.push((bucket, policy));
        }
        taken
    }

    /// Puts back what [`Moto::take_policies`] took.
    pub async fn put_policies(&self, taken: Vec<(String, String)>) {
        for (bucket, policy) in taken {
            self.aws.s3.put_bucket_policy().bucket(bucket).policy(policy).send().await.expect("moto answers");
        }
    }

    /// What stands in the account, as the services themselves tell it.
    pub async fn read_back(&self) -> Value {
        let mut python = Command::new(&self.python);
        python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/read_back.py")).args([NAME, REGION]);
        self.tell(&mut python);
        let output = python.output().await.expect("moto answers");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("what stands is JSON")
    }

    /// Runs the `techognition` command in a folder that has an `infra/event.toml`, and answers with its lines of JSON, or with what it said
    /// where it failed.
    ///
    /// # Errors
    /// What a command that failed said.
    pub async fn techognition(&self, folder: &Path, arguments: &[&str]) -> Result<Vec<Value>, String> {
        let mut command = Command::new(binaries().join("techognition"));
        command.args(arguments).arg("--json").current_dir(folder);
        self.tell(&mut command);
        let output = command.output().await.expect("the command starts");
        if !output.status.success() {
            let said = [output.stdout, output.stderr].concat();
            return Err(String::from_utf8_lossy(&said).into_owned());
        }
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(lines.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect())
    }

    /// Tells a command where this AWS is, and who asks.
    pub fn tell(&self, command: &mut Command) {
        command.envs([
            ("AWS_ENDPOINT_URL", self.url.as_str()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", REGION),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]);
        command.env_remove("AWS_PROFILE").stdin(Stdio::null()).kill_on_drop(true);
    }
}
