//! Connections that can be cut from inside: by a fault, or because the sandbox stops.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Accepts connections that end with the sandbox.
pub(super) struct Wires {
    listener: TcpListener,
    stop: CancellationToken,
}

impl Wires {
    pub fn new(listener: TcpListener, stop: &CancellationToken) -> Self {
        Self {
            listener,
            stop: stop.clone(),
        }
    }
}

impl Listener for Wires {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, address)) => {
                    // Without this, small answers wait for the other side's delayed acknowledgement.
                    let _ = stream.set_nodelay(true);
                    return (Wire::new(stream, self.stop.child_token()), address);
                }
                // Out of file descriptors, most likely: others may be freed meanwhile.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// One connection.
pub(super) struct Wire {
    stream: TcpStream,
    cut: CancellationToken,
    cut_seen: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Wire {
    fn new(stream: TcpStream, cut: CancellationToken) -> Self {
        let cut_seen = Box::pin(cut.clone().cancelled_owned());
        Self { stream, cut, cut_seen }
    }

    /// Fails once the connection is cut, and has the other side see a reset rather than an orderly end.
    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if self.cut_seen.as_mut().poll(context).is_pending() {
            return Ok(());
        }
        let _ = self.stream.set_zero_linger();
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.cut.is_cancelled() {
            self.check(context)?;
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A handler's hold on the connection its request came by.
#[derive(Debug, Clone)]
pub(super) struct Link(CancellationToken);

impl Link {
    /// Resets the connection; whatever is answered after this never leaves.
    pub fn cut(&self) {
        self.0.cancel();
    }
}

impl Connected<IncomingStream<'_, Wires>> for Link {
    fn connect_info(stream: IncomingStream<'_, Wires>) -> Self {
        Self(stream.io().cut.clone())
    }
}
