//! Where requests go.

use url::{Host, Url};

use super::Invalid;

/// The vendor's own base URL.
pub const VENDOR: &str = "https://api.trackyard.com/api/external/v1";
const VENDOR_HOST: &str = "api.trackyard.com";

/// The base URL of an API, path included.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Ends in a slash, so that the names of calls can be joined to it.
    base: Url,
}

impl Endpoint {
    /// Checks a base URL such as [`VENDOR`].
    ///
    /// # Errors
    /// A message for the user when it is no http(s) URL, or carries credentials, a query or a fragment.
    pub fn new(url: &str) -> Result<Self, Invalid> {
        let wrong = |what: &str| Invalid(format!("the API URL {what}; write it like {VENDOR}"));
        let mut base = Url::parse(url.trim()).map_err(|error| wrong(&format!("cannot be read ({error})")))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(wrong("has to start with https:// or http://"));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(wrong("must not hold a user name or password"));
        }
        if base.scheme() == "http" && base.host_str().is_some_and(is_vendors) {
            return Err(wrong("has to start with https://: the key would be sent in the clear"));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(wrong("must not have a “?” or “#” part"));
        }
        if !base.path().ends_with('/') {
            let path = format!("{}/", base.path());
            base.set_path(&path);
        }
        Ok(Self { base })
    }

    /// Scheme, host, port and path as one string: what rows in the databases are kept apart by.
    pub fn origin(&self) -> String {
        self.base.as_str().trim_end_matches('/').to_owned()
    }

    /// Host and port for people.
    pub fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        self.base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether this is Trackyard's own server.
    pub fn is_vendor(&self) -> bool {
        self.base.scheme() == "https" && self.base.host_str() == Some(VENDOR_HOST) && self.base.port().is_none()
    }

    /// Whether the server runs on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        match self.base.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// The URL of a call.
    pub(super) fn url(&self, call: &str) -> String {
        format!("{}{call}", self.base)
    }
}

fn is_vendors(host: &str) -> bool {
    let domain = VENDOR_HOST.split_once('.').map_or(VENDOR_HOST, |(_, domain)| domain);
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailing_slash_makes_no_difference() {
        let with = Endpoint::new("http://localhost:8080/api/v1/").unwrap();
        let without = Endpoint::new("http://localhost:8080/api/v1").unwrap();
        assert_eq!(with, without);
        assert_eq!(with.origin(), "http://localhost:8080/api/v1");
        assert_eq!(with.url("me"), "http://localhost:8080/api/v1/me");
        assert_eq!(with.host(), "localhost:8080");
    }

    #[test]
    fn the_vendor_is_never_told_the_key_in_the_clear() {
        for url in [
            "http://api.trackyard.com/api/external/v1",
            "http://trackyard.com",
            "http://API.Trackyard.com:80/x",
        ] {
            let refused = Endpoint::new(url).unwrap_err();
            assert!(refused.0.contains("https://"), "{url}: {refused}");
        }
        for url in [
            VENDOR,
            "http://localhost:8080/v1",
            "http://nottrackyard.com",
            "http://trackyard.com.example",
        ] {
            assert!(Endpoint::new(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn this_machine_is_told_from_others() {
        for (url, local) in [
            ("http://localhost:1/x", true),
            ("http://127.0.0.1/x", true),
            ("http://[::1]:80/x", true),
            ("http://127.0.0.1.example.com/x", false),
            (VENDOR, false),
        ] {
            assert_eq!(Endpoint::new(url).unwrap().is_loopback(), local, "{url}");
        }
    }

    #[test]
    fn only_the_vendor_is_the_vendor() {
        assert!(Endpoint::new(VENDOR).unwrap().is_vendor());
        for other in [
            "http://localhost/api/external/v1",
            "https://api.trackyard.com:8443/x",
            "https://api.trackyard.com.evil.example/x",
        ] {
            assert!(!Endpoint::new(other).unwrap().is_vendor(), "{other}");
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        for wrong in [
            "",
            "api.trackyard.com",
            "file:///etc/passwd",
            "https://me:secret@host/x",
            "https://host/x?key=1",
            "https://host/x#y",
        ] {
            assert!(Endpoint::new(wrong).is_err(), "{wrong}");
        }
    }
}
