//! The function's entry point on Lambda: environment → `Config` → `App` → run.

use shared::{
    runtime::{Clock, Environment, metrics, telemetry},
    store::Aws,
};
use uploads::{App, Config, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::json();
    let environment = Environment::read(Config::VARS)?;
    metrics::begin(&environment.get("TABLE"));
    let config = Config::from(&environment);
    lambda_http::run(router(App::new(&config, &Aws::from_environment().await, Clock::system()))).await
}
