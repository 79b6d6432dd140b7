//! The previews' server: another origin, no key, parts of files.

use reqwest::{Method, Response};
use serde_json::json;
use url::Url;

use super::{Rig, header, number, text};

async fn asked(rig: &Rig, method: Method, url: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = rig.http.request(method, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn previews_come_from_another_origin() {
    let rig = Rig::roomy().await;
    let track = rig.tracks("x", 1, json!({})).await.remove(0);
    let (preview, api) = (
        Url::parse(text(&track, "preview_url")).unwrap(),
        Url::parse(rig.sandbox.api_url()).unwrap(),
    );
    assert_ne!(preview.origin(), api.origin());
    assert!(preview.path().ends_with(".mp3"));
    let before = (rig.sandbox.charged(), rig.sandbox.balance());
    rig.preview(&track).await;
    assert_eq!((rig.sandbox.charged(), rig.sandbox.balance()), before);
}

#[tokio::test]
async fn parts_are_the_bytes_of_the_whole() {
    let rig = Rig::roomy().await;
    let track = rig.tracks("x", 1, json!({})).await.remove(0);
    let url = text(&track, "preview_url");
    // Asked for while nothing of it has been made yet.
    let early = asked(&rig, Method::GET, url, &[("range", "bytes=300000-300099")]).await;
    assert_eq!(early.status(), 206);
    let early = early.bytes().await.unwrap();
    let answer = asked(&rig, Method::GET, url, &[]).await;
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "accept-ranges").as_deref()),
        (200, Some("bytes"))
    );
    assert_eq!(header(&answer, "content-type").as_deref(), Some("audio/mpeg"));
    let (length, etag) = (number(&answer, "content-length") as usize, header(&answer, "etag").unwrap());
    let whole = answer.bytes().await.unwrap();
    assert_eq!(whole.len(), length);
    assert!(early[..] == whole[300_000..300_100]);
    let last = length - 1;
    for (range, from, to) in [
        ("bytes=0-0".to_owned(), 0, 1),
        ("bytes=1000-1999".to_owned(), 1000, 2000),
        ("bytes=400000-".to_owned(), 400_000, length),
        ("bytes=-500".to_owned(), length - 500, length),
        (format!("bytes={last}-9999999"), last, length),
    ] {
        let part = asked(&rig, Method::GET, url, &[("range", &range), ("if-range", &etag)]).await;
        assert_eq!(part.status(), 206, "{range}");
        assert_eq!(header(&part, "content-range").unwrap(), format!("bytes {from}-{}/{length}", to - 1));
        assert_eq!(number(&part, "content-length") as usize, to - from);
        assert_eq!(header(&part, "etag").unwrap(), etag);
        assert!(part.bytes().await.unwrap()[..] == whole[from..to], "{range}");
    }
}

#[tokio::test]
async fn parts_that_cannot_be_had() {
    let rig = Rig::roomy().await;
    let track = rig.tracks("x", 1, json!({})).await.remove(0);
    let url = text(&track, "preview_url");
    let whole = number(&asked(&rig, Method::HEAD, url, &[]).await, "content-length");
    let beyond = format!("bytes={whole}-");
    for range in [&beyond, "bytes=-0"] {
        let answer = asked(&rig, Method::GET, url, &[("range", range)]).await;
        assert_eq!(answer.status(), 416, "{range}");
        assert_eq!(header(&answer, "content-range").unwrap(), format!("bytes */{whole}"));
    }
    // Another version of the file, or a range nobody understands: all of it.
    for headers in [
        [("range", "bytes=5-9"), ("if-range", "\"other\"")],
        [("range", "pages=5-9"), ("accept", "*/*")],
    ] {
        let answer = asked(&rig, Method::GET, url, &headers).await;
        assert_eq!((answer.status().as_u16(), number(&answer, "content-length")), (200, whole));
    }
}

#[tokio::test]
async fn head_says_the_same_without_a_body() {
    let rig = Rig::roomy().await;
    let track = rig.tracks("x", 1, json!({})).await.remove(0);
    let url = text(&track, "preview_url");
    let (head, get) = (asked(&rig, Method::HEAD, url, &[]).await, asked(&rig, Method::GET, url, &[]).await);
    assert_eq!(head.status(), 200);
    for name in ["content-length", "content-type", "etag", "accept-ranges"] {
        assert_eq!(header(&head, name), header(&get, name), "{name}");
    }
    assert!(head.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn unknown_previews_are_404_and_other_methods_405() {
    let rig = Rig::roomy().await;
    let origin = rig.sandbox.preview_origin();
    for path in ["/previews/trk_nowhere.mp3", "/previews/", "/", "/previews/../me"] {
        assert_eq!(
            asked(&rig, Method::GET, &format!("{origin}{path}"), &[]).await.status(),
            404,
            "{path}"
        );
    }
    let track = rig.tracks("x", 1, json!({})).await.remove(0);
    assert_eq!(asked(&rig, Method::POST, text(&track, "preview_url"), &[]).await.status(), 405);
}

#[tokio::test]
async fn many_previews_at_once_are_all_whole() {
    let rig = Rig::roomy().await;
    let tracks = rig.tracks("x", 12, json!({})).await;
    let all = futures_util::future::join_all(tracks.iter().map(|track| rig.preview(track))).await;
    assert!(all.iter().all(|mp3| mp3.len() == all[0].len() && super::listen::is_frames(mp3)));
}

#[tokio::test]
async fn a_reader_that_left_does_not_spoil_the_preview_for_the_next() {
    let rig = Rig::roomy().await;
    for track in rig.tracks("x", 5, json!({})).await {
        let mut left = asked(&rig, Method::GET, text(&track, "preview_url"), &[]).await;
        assert!(left.chunk().await.unwrap().is_some());
        drop(left);
        assert_eq!(rig.preview(&track).await.len(), 1250 * super::listen::FRAME_BYTES);
    }
}
