//! The function's entry point on Lambda: environment → `Config` → `App` → run.

use gallery::{App, Config, router};
use shared::{
    runtime::{Clock, Environment, telemetry},
    store::Aws,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::json();
    let config = Config::from(&Environment::read(Config::VARS)?);
    lambda_http::run(router(App::new(&config, &Aws::from_environment().await, Clock::system()))).await
}
