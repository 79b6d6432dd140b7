//! The cryptography of HTTPS: ring, small and quickly built. The client of HTTP brings none of its own.

/// Chooses it for the whole process; said before every client that is made, and again it changes nothing.
pub fn choose() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
