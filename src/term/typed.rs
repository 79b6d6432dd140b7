//! What was typed before it was asked for.

/// Forgets what was typed at the terminal and not read yet: it cannot be the answer to a question that is put only now. On other systems
/// than Unix it stays.
pub fn forget_typed_ahead() {
    #[cfg(unix)]
    {
        // Where standard input is no terminal there is nothing to forget.
        let _ = rustix::termios::tcflush(rustix::stdio::stdin(), rustix::termios::QueueSelector::IFlush);
    }
}
