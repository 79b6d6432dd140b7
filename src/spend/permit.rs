//! The permit: the right to at most one credit, made by an explicit act and used up by the door.

use super::acts::{Commanded, Entered};
use super::confirmation::Confirmed;
use crate::api::{DownloadRequest, SearchRequest};

/// The right to send one paid request. It cannot be copied, and the door uses it up.
///
/// ```compile_fail,E0451
/// # use trackyard_tui::{spend::Permit, api::SearchRequest};
/// # fn f(request: SearchRequest) {
/// let forged = Permit { request, fresh: true, project: None };
/// # }
/// ```
/// ```compile_fail,E0599
/// # use trackyard_tui::{spend::Permit, api::SearchRequest};
/// # fn f(permit: Permit<SearchRequest>) { let twice = permit.clone(); }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Permit<R> {
    request: R,
    fresh: bool,
    project: Option<String>,
}

impl<R> Permit<R> {
    /// What it is for.
    pub fn request(&self) -> &R {
        &self.request
    }

    /// Whether an answer or a file that is already here does not count: the user asked to pay again.
    pub fn fresh(&self) -> bool {
        self.fresh
    }

    /// The project that the receipt shall name.
    pub fn project(&self) -> Option<&str> {
        self.project.as_deref()
    }

    /// Names a project for the receipt.
    #[must_use]
    pub fn for_project(mut self, project: Option<String>) -> Self {
        self.project = project;
        self
    }

    fn new(request: R, fresh: bool) -> Self {
        Self {
            request,
            fresh,
            project: None,
        }
    }

    pub(in crate::spend) fn into_request(self) -> R {
        self.request
    }
}

impl Permit<SearchRequest> {
    /// Enter in the query box. A cached answer comes before a paid one.
    pub fn by_enter(_act: Entered, request: SearchRequest) -> Self {
        Self::new(request, false)
    }

    /// A confirmed "ask again": the answer that is here is known, and another one is wanted.
    pub fn again_by_confirmation(_act: Confirmed, request: SearchRequest) -> Self {
        Self::new(request, true)
    }

    /// A confirmed "next page". If it is here by then, it comes before a paid one.
    pub fn page_by_confirmation(_act: Confirmed, request: SearchRequest) -> Self {
        Self::new(request, false)
    }

    /// A confirmed batch, whose question named the price of all of them: a permit for each. An answer that is here by then comes before a
    /// paid one.
    pub fn each_by_confirmation(_act: Confirmed, requests: impl IntoIterator<Item = SearchRequest>) -> Vec<Self> {
        requests.into_iter().map(|request| Self::new(request, false)).collect()
    }

    /// `search` on the command line; `fresh` is its `--fresh`.
    pub fn by_command(_act: Commanded, request: SearchRequest, fresh: bool) -> Self {
        Self::new(request, fresh)
    }
}

impl Permit<DownloadRequest> {
    /// A confirmed download. `fresh`: the popup said that the track is owned already, and the user buys it anew.
    pub fn download_by_confirmation(_act: Confirmed, request: DownloadRequest, fresh: bool) -> Self {
        Self::new(request, fresh)
    }

    /// `download --yes` on the command line; `fresh` is its `--again`.
    pub fn download_by_command(_act: Commanded, request: DownloadRequest, fresh: bool) -> Self {
        Self::new(request, fresh)
    }
}
