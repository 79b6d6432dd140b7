//! `sandbox`: the embedded Trackyard alone, for scripts.

use super::args::Sandbox;
use super::failure::Failure;
use super::{print, say};
use crate::sandbox;
use crate::term;

pub(super) async fn run(args: Sandbox) -> Result<(), Failure> {
    let tier = args
        .tier
        .parse()
        .map_err(|error: sandbox::UnknownTier| Failure::usage(error.to_string()))?;
    let options = sandbox::Options {
        tier,
        port: args.port,
        ..sandbox::Options::default()
    };
    let server = sandbox::Sandbox::start(options)
        .await
        .map_err(|error| Failure::other(format!("the sandbox cannot be started: {error}")))?;
    let terminated = term::terminated();
    print(&format!("export TRACKYARD_API_URL={}", server.api_url()));
    print(&format!("export TRACKYARD_API_KEY={}", server.key()));
    say("The sandbox runs until ^C. In another shell, set the two variables above, then: trackyard-tui search 'calm piano'");
    terminated.await;
    Ok(())
}
