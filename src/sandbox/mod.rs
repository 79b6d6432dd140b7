//! The embedded Trackyard: a real HTTP server with the contract of the real one. The client has no special path for it.
