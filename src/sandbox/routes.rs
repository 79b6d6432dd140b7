//! The API's endpoints.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::account::{Gauges, server_time};
use super::catalogue::{self, Track};
use super::delivery::{Answer, Payload};
use super::errors::Refusal;
use super::faults::{Met, Target};
use super::house::House;
use super::parameters::{self, DownloadRequest, SearchRequest};
use super::recordings::Cut;
use super::search;
use super::seen::Origin;
use super::wire::{Link, Wires};

pub(super) const BASE_PATH: &str = "/api/external/v1";

/// Longest body of a request in bytes.
const MAX_BODY: usize = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    Search,
    Download,
    Me,
    Usage,
}

impl Endpoint {
    fn at(path: &str) -> Option<Self> {
        match path.strip_prefix(BASE_PATH)? {
            "/search" => Some(Self::Search),
            "/download-track" => Some(Self::Download),
            "/me" => Some(Self::Me),
            "/usage" => Some(Self::Usage),
            _ => None,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Search => "/search",
            Self::Download => "/download-track",
            Self::Me => "/me",
            Self::Usage => "/usage",
        }
    }

    fn method(self) -> Method {
        match self {
            Self::Search | Self::Download => Method::POST,
            Self::Me | Self::Usage => Method::GET,
        }
    }

    fn target(self) -> Target {
        match self {
            Self::Search => Target::Search,
            Self::Download => Target::Download,
            Self::Me => Target::Me,
            Self::Usage => Target::Usage,
        }
    }

    fn paid(self) -> bool {
        matches!(self, Self::Search | Self::Download)
    }
}

/// Serves the API until the sandbox stops.
pub(super) fn serve(house: Arc<House>, wires: Wires, stop: CancellationToken) {
    let service = Router::new()
        .fallback(answer)
        .with_state(house)
        .into_make_service_with_connect_info::<Link>();
    tokio::spawn(async move {
        tokio::select! {
            _ = axum::serve(wires, service) => {}
            () = stop.cancelled() => {}
        }
    });
}

/// One request, all of it.
async fn answer(State(house): State<Arc<House>>, ConnectInfo(link): ConnectInfo<Link>, request: Request) -> Response {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.ok();
    let json = body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
    let seen = house.seen.note(Origin::Api, &parts.method, &parts.uri, &parts.headers, json);
    let endpoint = Endpoint::at(parts.uri.path());
    let met = house.faults.meet(endpoint.map(Endpoint::target));
    met.latency().await;
    if met.reset() {
        link.cut();
        return Answer::new(500, Payload::Empty).deliver(&met, true);
    }

    let call = Call {
        house: &house,
        met: &met,
        endpoint,
        began,
    };
    let mut answer = call.handle(&parts.method, parts.uri.query(), &parts.headers, body.as_deref());
    house.seen.answered(seen, answer.status);
    if met.charged_reset() {
        link.cut();
    }
    if met.charged_bad_gateway() {
        answer = Answer::html(502);
    }
    answer.replace_audio(&met);
    answer.deliver(&met, parts.method == Method::HEAD)
}

struct Call<'a> {
    house: &'a Arc<House>,
    met: &'a Met,
    endpoint: Option<Endpoint>,
    began: Instant,
}

impl Call<'_> {
    fn handle(&self, method: &Method, query: Option<&str>, headers: &HeaderMap, body: Option<&[u8]>) -> Answer {
        if let Err(why) = authorise(headers, &self.house.key) {
            return self.finish(self.refuse(&Refusal::Unauthorized(why)), false);
        }
        if let Some(url) = self.met.redirect() {
            return self.finish(Answer::redirect(url), true);
        }
        if let Some(status) = self.met.status_html() {
            self.record(status, false);
            return self.finish(Answer::html(status), true);
        }
        let served = self.admit().and_then(|()| self.serve(method, query, body));
        let answer = match served {
            Ok(answer) => answer,
            Err(refusal) => {
                self.record(refusal.status(), false);
                self.refuse(&refusal)
            }
        };
        self.finish(answer, true)
    }

    /// Counts the request against the limits, and refuses where a fault says so.
    fn admit(&self) -> Result<(), Refusal> {
        self.house.account().admit(self.began).map_err(Refusal::Slow)?;
        self.met.status().map_or(Ok(()), |status| Err(Refusal::Told(status)))
    }

    fn serve(&self, method: &Method, query: Option<&str>, body: Option<&[u8]>) -> Result<Answer, Refusal> {
        let endpoint = self.endpoint.ok_or(Refusal::NoSuchEndpoint)?;
        if *method != endpoint.method() {
            return Err(Refusal::WrongMethod(if endpoint.paid() { "POST" } else { "GET" }));
        }
        let body = body.ok_or(Refusal::TooLarge)?;
        match endpoint {
            Endpoint::Search => {
                let request = SearchRequest::read(&parameters::object(body)?)?;
                self.pay(|| Ok(self.search(&request)))
            }
            Endpoint::Download => {
                let request = DownloadRequest::read(&parameters::object(body)?)?;
                self.pay(|| self.download(&request))
            }
            Endpoint::Me => {
                let me = self.house.account().me();
                self.record(200, false);
                Ok(Answer::json(200, me))
            }
            Endpoint::Usage => {
                let (limit, offset) = parameters::page(query)?;
                let usage = self.house.account().usage(limit, offset);
                self.record(200, false);
                Ok(Answer::json(200, usage))
            }
        }
    }

    /// Charges a credit for an answer that could be given.
    fn pay(&self, answer: impl FnOnce() -> Result<Answer, Refusal>) -> Result<Answer, Refusal> {
        if !self.house.account().can_pay() {
            return Err(Refusal::OutOfCredits);
        }
        let mut answer = answer()?;
        let balance = {
            let mut account = self.house.account();
            // Another request may have spent the last credit meanwhile.
            if !account.can_pay() {
                return Err(Refusal::OutOfCredits);
            }
            account.charge();
            account.balance()
        };
        if let Payload::Json(body) = &mut answer.payload {
            body["credits_remaining"] = json!(balance);
        }
        self.record(200, true);
        Ok(answer)
    }

    fn search(&self, request: &SearchRequest) -> Answer {
        let found = search::find(catalogue::all(), &request.query, &request.filters);
        let page = found.into_iter().skip(request.offset).take(request.limit);
        let tracks: Vec<Value> = page.map(|track| track_json(track, &self.house.preview_origin)).collect();
        Answer::json(200, json!({"tracks": tracks}))
    }

    fn download(&self, request: &DownloadRequest) -> Result<Answer, Refusal> {
        let track = catalogue::all().track(&request.track_id).ok_or(Refusal::NoSuchTrack)?;
        let cut = match request.duration_seconds {
            None => Cut::Full,
            Some(duration) => Cut::clip(duration, request.hit_point_seconds),
        };
        let recording = self.house.recordings.get(track, cut);
        let end = recording.length();
        let mut answer = Answer::new(200, Payload::Audio { recording, start: 0, end });
        answer.header(header::CONTENT_DISPOSITION, &disposition(track));
        Ok(answer)
    }

    fn refuse(&self, refusal: &Refusal) -> Answer {
        let mut answer = Answer::json(refusal.status(), refusal.body(&self.house.request_id()));
        if let Refusal::WrongMethod(allowed) = refusal {
            answer.header(header::ALLOW, allowed);
        }
        if answer.status == 429 {
            let seconds = if let Refusal::Slow(seconds) = refusal { *seconds } else { 1 };
            let text = self.met.retry_after().map_or_else(|| seconds.to_string(), ToOwned::to_owned);
            if !text.is_empty() {
                answer.header(header::RETRY_AFTER, &text);
            }
        }
        answer
    }

    fn record(&self, status: u16, charged: bool) {
        if let Some(endpoint) = self.endpoint {
            let at: Timestamp = server_time(self.met.clock_skew());
            let took: Duration = self.began.elapsed();
            self.house.account().record(at, endpoint.path(), status, charged, took);
        }
    }

    /// Adds the five headers. Without a known key there is no account to speak of, and all but the limits are 0.
    fn finish(&self, mut answer: Answer, known: bool) -> Answer {
        if self.met.no_rate_headers() {
            return answer;
        }
        let mut gauges: Gauges = self.house.account().gauges(Instant::now());
        if !known {
            gauges.credits = 0;
            gauges.minute = gauges.minute.map(|(limit, _)| (limit, 0));
            gauges.day = gauges.day.map(|(limit, _)| (limit, 0));
        }
        if let Some((limit, remaining)) = gauges.minute {
            answer.header("x-ratelimit-limit", &limit.to_string());
            answer.header("x-ratelimit-remaining", &remaining.to_string());
        }
        if let Some((limit, remaining)) = gauges.day {
            answer.header("x-ratelimit-limit-daily", &limit.to_string());
            answer.header("x-ratelimit-remaining-daily", &remaining.to_string());
        }
        answer.header("x-credits-remaining", &gauges.credits.to_string());
        answer
    }
}

fn authorise(headers: &HeaderMap, key: &str) -> Result<(), &'static str> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err("Missing API key");
    };
    match value.as_bytes().strip_prefix(b"Bearer ") {
        Some(given) if given == key.as_bytes() => Ok(()),
        Some(_) => Err("Invalid API key"),
        None => Err("Authorization must be: Bearer <key>"),
    }
}

fn track_json(track: &Track, preview_origin: &str) -> Value {
    json!({
        "id": track.id,
        "title": track.title,
        "artist": track.artist,
        "duration_seconds": track.seconds,
        "bpm": track.bpm,
        "key": track.key.to_string(),
        "genre": track.genre,
        "subgenres": track.subgenres,
        "moods": track.moods,
        "has_vocals": track.has_vocals,
        "energy_level": track.energy.as_str(),
        "instruments": track.instruments,
        "preview_url": format!("{preview_origin}/previews/{}.mp3", track.id),
    })
}

/// A file name twice: in ASCII for everybody, and as it is for those who know RFC 5987.
fn disposition(track: &Track) -> String {
    let name = format!("{} - {}.mp3", track.artist, track.title);
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii() && c != '"' && c != '\\' { c } else { '_' })
        .collect();
    if plain == name {
        return format!("attachment; filename=\"{name}\"");
    }
    let encoded: String = name
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}
