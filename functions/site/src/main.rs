//! The site on Lambda.

use shared::{
    runtime::{Clock, telemetry},
    store::Aws,
};
use site::{App, config::Config, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::json();
    let config = Config::from_environment()?;
    let app = App::new(&Aws::from_environment().await, config, Clock::system());
    lambda_http::run(router(app)).await
}
