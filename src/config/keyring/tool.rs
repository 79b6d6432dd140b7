//! One exchange with a tool of the system: what it says is bounded, and it does not outlive who waits for it.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use secrecy::zeroize::Zeroizing;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, Command};

/// Most bytes of what a tool says that are of use; one more is read, to tell that there were more.
pub(super) const MOST: usize = 4096;

/// What a tool has said. It may be the key: it is wiped afterwards, and cannot be printed.
pub(super) struct Said {
    /// How it ended.
    pub(super) status: ExitStatus,
    /// On its standard output.
    pub(super) out: Zeroizing<Vec<u8>>,
    /// On its standard error.
    pub(super) err: Zeroizing<Vec<u8>>,
}

/// Runs a tool with this on its standard input. Dropping the future ends the tool.
pub(super) async fn talk(tool: &Path, args: &[&str], input: &str) -> io::Result<Said> {
    let mut child = Command::new(tool)
        .args(args)
        // Its complaints are told apart by their English words.
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let ((), out, err) = tokio::join!(give(stdin, input), hear(stdout), hear(stderr));
    let (out, err) = (out?, err?);
    let status = child.wait().await?;
    Ok(Said { status, out, err })
}

/// Writes the input and closes it.
async fn give(pipe: Option<ChildStdin>, input: &str) {
    if let Some(mut pipe) = pipe {
        // How a tool ends that did not listen says why.
        let _ = pipe.write_all(input.as_bytes()).await;
    }
}

/// Reads to the end, or as much as is of use; who says more finds the pipe closed.
async fn hear(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Zeroizing<Vec<u8>>> {
    // With room enough never to be moved: what that leaves behind would not be wiped.
    let mut said = Zeroizing::new(Vec::with_capacity(2 * MOST));
    if let Some(pipe) = pipe {
        pipe.take(MOST as u64 + 1).read_to_end(&mut said).await?;
    }
    Ok(said)
}
