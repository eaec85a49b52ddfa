//! The function's entry point on Lambda: environment → `Config` → `App` → run.

use console::{App, Config, router};
use shared::{
    runtime::{Clock, Environment, metrics, telemetry},
    store::Aws,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::json();
    let environment = Environment::read(Config::VARS)?;
    metrics::begin(&environment.get("TABLE"));
    let config = Config::from(&environment);
    lambda_http::run(router(App::new(&config, &Aws::from_environment().await, Clock::system()))).await
}
