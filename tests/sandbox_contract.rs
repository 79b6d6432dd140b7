//! The sandbox against the contract, asked over real sockets by a client that knows nothing of ours.
#![allow(clippy::float_cmp, clippy::case_sensitive_file_extension_comparisons)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(feature = "sandbox")]

#[path = "sandbox_contract/errors.rs"]
mod errors;
#[path = "sandbox_contract/faults.rs"]
mod faults;
#[path = "sandbox_contract/limits.rs"]
mod limits;
#[path = "sandbox_contract/listen.rs"]
mod listen;
#[path = "common/mp3.rs"]
mod mp3;
#[path = "sandbox_contract/previews.rs"]
mod previews;
#[path = "sandbox_contract/search.rs"]
mod search;
#[path = "sandbox_contract/sound.rs"]
mod sound;
#[path = "sandbox_contract/trim.rs"]
mod trim;

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use trackyard_tui::sandbox::{Options, Sandbox, Tier};

/// The five headers of every answer.
const GAUGES: [&str; 5] = [
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-limit-daily",
    "x-ratelimit-remaining-daily",
    "x-credits-remaining",
];

/// A sandbox and a plain HTTP client beside it.
struct Rig {
    sandbox: Sandbox,
    http: Client,
}

impl Rig {
    async fn start(tier: Tier) -> Self {
        Self::with(Options {
            tier,
            ..Options::default()
        })
        .await
    }

    /// Credits and requests enough not to be in the way.
    async fn roomy() -> Self {
        let rig = Self::start(Tier::Pro).await;
        rig.sandbox.set_limits(None, None);
        rig
    }

    async fn with(options: Options) -> Self {
        trackyard_tui::tls::choose();
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self {
            sandbox: Sandbox::start(options).await.unwrap(),
            http,
        }
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.http
            .get(format!("{}{path}", self.sandbox.api_url()))
            .bearer_auth(self.sandbox.key())
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.http
            .post(format!("{}{path}", self.sandbox.api_url()))
            .bearer_auth(self.sandbox.key())
            .json(body)
    }

    async fn search(&self, body: &Value) -> Response {
        self.post("/search", body).send().await.unwrap()
    }

    async fn download(&self, body: &Value) -> Response {
        self.post("/download-track", body).send().await.unwrap()
    }

    /// The tracks of a search that must succeed.
    async fn tracks(&self, query: &str, limit: usize, filters: Value) -> Vec<Value> {
        let answer = self.search(&json!({"query": query, "limit": limit, "filters": filters})).await;
        assert_eq!(answer.status(), 200, "{query} {filters}");
        body(answer).await["tracks"].as_array().unwrap().clone()
    }

    /// One MP3 that must be delivered whole.
    async fn mp3(&self, request: &Value) -> Vec<u8> {
        let answer = self.download(request).await;
        assert_eq!(answer.status(), 200, "{request}");
        answer.bytes().await.unwrap().to_vec()
    }

    /// A track's preview, whole, asked for without a key.
    async fn preview(&self, track: &Value) -> Vec<u8> {
        let answer = self.http.get(track["preview_url"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap().to_vec()
    }
}

fn header(answer: &Response, name: &str) -> Option<String> {
    Some(answer.headers().get(name)?.to_str().unwrap().to_owned())
}

fn number(answer: &Response, name: &str) -> u64 {
    header(answer, name).unwrap_or_else(|| panic!("no {name}")).parse().unwrap()
}

async fn body(answer: Response) -> Value {
    answer.json().await.unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

fn lists(value: &Value, name: &str, wanted: &str) -> bool {
    value[name].as_array().unwrap().iter().any(|word| word == wanted)
}
