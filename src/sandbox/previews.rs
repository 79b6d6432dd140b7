//! The previews' server: another origin, no key, `Range`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, Method, header};
use axum::response::Response;
use tokio_util::sync::CancellationToken;

use super::catalogue;
use super::delivery::{Answer, Payload};
use super::faults::{Met, Target};
use super::house::House;
use super::range::{self, Wanted};
use super::recordings::Cut;
use super::seen::Origin;
use super::wire::{Link, Wires};

/// Serves previews until the sandbox stops.
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

async fn answer(State(house): State<Arc<House>>, ConnectInfo(link): ConnectInfo<Link>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let seen = house.seen.note(Origin::Previews, &parts.method, &parts.uri, &parts.headers, None);
    let met = house.faults.meet(Some(Target::Preview));
    met.latency().await;
    if met.reset() {
        link.cut();
        return Answer::new(500, Payload::Empty).deliver(&met, true);
    }
    let mut answer = preview(&house, &met, &parts);
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

fn preview(house: &House, met: &Met, parts: &Parts) -> Answer {
    if let Some(url) = met.redirect() {
        return Answer::redirect(url);
    }
    if let Some(status) = met.status_html().or(met.status()) {
        return Answer::html(status);
    }
    if parts.method != Method::GET && parts.method != Method::HEAD {
        let mut answer = Answer::html(405);
        answer.header(header::ALLOW, "GET, HEAD");
        return answer;
    }
    let id = parts
        .uri
        .path()
        .strip_prefix("/previews/")
        .and_then(|name| name.strip_suffix(".mp3"));
    let Some(track) = id.and_then(|id| catalogue::all().track(id)) else {
        return Answer::html(404);
    };

    let length = Cut::Preview.length(track);
    let etag = format!("\"{}-1\"", track.id);
    let text = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let unchanged = text(header::IF_RANGE).is_none_or(|condition| condition == etag);
    let wanted = match text(header::RANGE) {
        Some(range) if unchanged && !met.no_range() => range::wanted(Some(range), length),
        _ => Wanted::Whole,
    };
    let (status, start, end) = match wanted {
        Wanted::Whole => (200, 0, length),
        Wanted::Part { start, end } => (206, start, end),
        Wanted::Unsatisfiable => {
            let mut answer = Answer::new(416, Payload::Empty);
            answer.header(header::CONTENT_RANGE, &format!("bytes */{length}"));
            return answer;
        }
    };
    let mut answer = Answer::new(
        status,
        Payload::Audio {
            recording: house.recordings.get(track, Cut::Preview),
            start,
            end,
        },
    );
    answer.header(header::ETAG, &etag);
    answer.header(header::CACHE_CONTROL, "public, max-age=3600");
    if !met.no_range() {
        answer.header(header::ACCEPT_RANGES, "bytes");
    }
    if status == 206 {
        answer.header(header::CONTENT_RANGE, &format!("bytes {start}-{}/{length}", end - 1));
    }
    answer
}
