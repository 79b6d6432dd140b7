//! What the door adds to a paid request: the ledger row before it, the outcome after it, on the disk, beside the same request
//! sent bare. `cargo bench --bench door`
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on stops")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use trackyard_tui::api::{ApiKey, Client, Endpoint, Filters, SearchRequest};
use trackyard_tui::input::{Key, KeyPress};
use trackyard_tui::sandbox::{Options, Sandbox};
use trackyard_tui::spend::acts::Entered;
use trackyard_tui::spend::{Door, Ledger, Permit, Rules};

const ROUNDS: usize = 200;
/// The most that the door may add, all its writes together, at the median, in milliseconds.
const MOST_MS: f64 = 10.0;

#[tokio::main]
async fn main() {
    let sandbox = Sandbox::start(Options {
        credits: Some(1_000_000),
        ..Options::default()
    })
    .await
    .unwrap();
    sandbox.set_limits(Some(1_000_000), Some(1_000_000));
    // In the target folder, which is on a disk, unlike many a folder for temporary files.
    let home = tempfile::tempdir_in(std::env::var("CARGO_TARGET_TMPDIR").map_or_else(|_| PathBuf::from("target"), PathBuf::from)).unwrap();
    let endpoint = Endpoint::new(sandbox.api_url()).unwrap();
    let key = ApiKey::new(sandbox.key()).unwrap();
    let ledger = Ledger::open(&home.path().join("ledger.db"), &endpoint.origin(), &key.fingerprint()).unwrap();
    let client = Client::new(endpoint, key).unwrap();
    let rules = Rules {
        budget: None,
        monthly_budget: None,
        max_wait: Duration::ZERO,
        rescue_folder: home.path().join("rescued"),
    };
    let door = Door::new(client, ledger, rules);
    let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
    let url = format!("{}/search", sandbox.api_url());

    let (mut bare, mut through) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let query = format!("calm piano {round}");
        let start = Instant::now();
        let body = serde_json::json!({"query": query, "limit": 100, "offset": 0});
        let answer = http.post(&url).bearer_auth(sandbox.key()).json(&body).send().await.unwrap();
        assert!(answer.json::<serde_json::Value>().await.unwrap()["tracks"].is_array());
        bare.push(start.elapsed());

        let request = SearchRequest::new(&query, Filters::default(), 100, 0).unwrap();
        let act = Entered::from_key(&KeyPress::plain(Key::Enter)).unwrap();
        let start = Instant::now();
        let found = door.search(Permit::by_enter(act, request), CancellationToken::new(), |_| {}).await;
        through.push(start.elapsed());
        assert!(!found.unwrap().page.tracks.is_empty());
    }
    println!("{ROUNDS} searches each, in turn, against the sandbox on this machine\n");
    println!("{:<28} {:>10} {:>10}", "", "median", "p95");
    let bare = row("the request alone", bare);
    let through = row("through the door", through);
    println!(
        "{:<28} {:>7.2} ms {:>7.2} ms",
        "the door adds",
        through.0 - bare.0,
        through.1 - bare.1
    );
    println!("{:<28} {:>9.2}×", "ratio of the medians", through.0 / bare.0);
    assert!(through.0 - bare.0 < MOST_MS, "it adds more than {MOST_MS} ms");
}

/// Prints median and 95th percentile, in milliseconds.
fn row(name: &str, mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!("{name:<28} {:>7.2} ms {:>7.2} ms", at(0.5), at(0.95));
    (at(0.5), at(0.95))
}
