//! The listening socket: binding it, and taking connections whatever happens.

use crate::config::{Listen, WhenBusy};
#[cfg(target_os = "linux")]
use socket2::SockFilter;
use socket2::{Domain, SockRef, Socket, Type};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// How many connections may wait to be taken.
const BACKLOG: i32 = 1024;

/// How long to wait when the process has no file left for a connection.
const OUT_OF_FILES_PAUSE: Duration = Duration::from_millis(50);

/// Why nothing can be listened to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The port is taken, and it was asked for.
    #[error("port {port} on {host} is in use: stop what uses it, or set PORT to another one", port = .0.port(), host = .0.ip())]
    Busy(SocketAddr),
    /// Each port that was tried is taken.
    #[error("no available port found between {first} and {last}: set PORT to a free one")]
    NoneFree {
        /// The first that was tried.
        first: u16,
        /// The last.
        last: u16,
    },
    /// The system refuses the address.
    #[error("cannot listen on {addr}: {source}")]
    Refused {
        /// The address.
        addr: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

/// Binds the address, or the next free port where that is allowed. There is no moment between the
/// look at a port and its use: the socket that finds it free keeps it.
///
/// # Errors
/// When the port is taken or the system refuses the address.
pub(crate) fn bind(listen: Listen) -> Result<TcpListener, BindError> {
    let more = match listen.when_busy {
        WhenBusy::Fail => 0,
        WhenBusy::Next(more) => more,
    };
    let last = listen.port.saturating_add(more);
    for port in listen.port..=last {
        let addr = SocketAddr::new(listen.host, port);
        match open(addr) {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(source) => return Err(BindError::Refused { addr, source }),
        }
    }
    match listen.when_busy {
        WhenBusy::Fail => Err(BindError::Busy(SocketAddr::new(listen.host, listen.port))),
        WhenBusy::Next(_) => Err(BindError::NoneFree {
            first: listen.port,
            last,
        }),
    }
}

fn open(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None)?;
    // A restart must not wait for the connections of the process before.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Takes the next connection. Failures of one connection are passed over; when no file is left it
/// waits a moment and tells, because ending would be worse.
///
/// # Cancel safety
/// Safe: a connection is either returned or still in the queue.
pub(crate) async fn accept(
    listener: &TcpListener,
    mut out_of_files: impl FnMut(&io::Error),
) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                out_of_files(&error);
                tokio::time::sleep(OUT_OF_FILES_PAUSE).await;
            }
        }
    }
}

/// Lets nobody begin a connection any more. Those that have begun become whole, so that they can still
/// be taken: what the system holds when the socket is closed is reset, and with it the request that a
/// client has sent on it.
pub(crate) fn refuse_new(listener: &TcpListener) {
    let socket = SockRef::from(listener);
    // Where the system does not do it, somebody who begins too late is reset, as without it.
    #[cfg(target_os = "linux")]
    let _best_effort = socket.attach_filter(&no_first_packets());
    #[cfg(not(target_os = "linux"))]
    let _best_effort = socket.listen(0);
}

/// A program for the system's packet filter that drops the packet that begins a connection: SYN
/// without ACK among the flags of the TCP header (RFC 9293, 3.1).
#[cfg(target_os = "linux")]
fn no_first_packets() -> [SockFilter; 5] {
    const LOAD_BYTE: u16 = 0x30;
    const AND: u16 = 0x54;
    const JUMP_IF_EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    const FLAGS_AT: u32 = 13;
    const SYN: u32 = 0x02;
    const ACK: u32 = 0x10;
    [
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS_AT),
        SockFilter::new(AND, 0, 0, SYN | ACK),
        SockFilter::new(JUMP_IF_EQUAL, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ]
}

/// Takes the next of the connections that the system holds ready, or none. It asks the system itself:
/// the runtime may not have heard yet of what is ready.
///
/// # Errors
/// When the process has no file left for the connection.
pub(crate) fn take_ready(listener: &TcpListener) -> io::Result<Option<(TcpStream, SocketAddr)>> {
    loop {
        match SockRef::from(listener).accept() {
            Ok((socket, addr)) => {
                let Some(addr) = addr.as_socket() else {
                    continue;
                };
                socket.set_nonblocking(true)?;
                return Ok(Some((TcpStream::from_std(socket.into())?, addr)));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => return Err(error),
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[tokio::test]
    async fn a_port_that_was_asked_for_and_is_busy_is_an_error() {
        let taken = bind(Listen::at(HERE, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = bind(Listen::at(HERE, port)).unwrap_err();
        assert!(matches!(error, BindError::Busy(_)), "{error}");
        assert!(error.to_string().contains(&port.to_string()), "{error}");
    }

    #[tokio::test]
    async fn without_a_wish_the_next_free_port_is_taken() {
        let taken = bind(Listen::at(HERE, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let mut listen = Listen::at(HERE, port);
        listen.when_busy = WhenBusy::Next(99);
        let other = bind(listen).unwrap();
        assert_ne!(other.local_addr().unwrap().port(), port);
    }

    #[tokio::test]
    async fn an_address_that_is_not_ours_is_refused_with_its_name() {
        let error = bind(Listen::at(IpAddr::from([192, 0, 2, 1]), 0)).unwrap_err();
        assert!(error.to_string().contains("192.0.2.1"), "{error}");
    }

    // S54
    #[tokio::test]
    async fn what_is_ready_is_taken_though_the_runtime_has_not_heard_of_it() {
        let listener = bind(Listen::at(HERE, 0)).unwrap();
        let addr = listener.local_addr().unwrap();
        let clients: Vec<_> = (0..5)
            .map(|_| std::net::TcpStream::connect(addr).unwrap())
            .collect();
        let mut taken = Vec::new();
        while let Some((_socket, peer)) = take_ready(&listener).unwrap() {
            taken.push(peer);
        }
        let sent: Vec<_> = clients.iter().map(|c| c.local_addr().unwrap()).collect();
        assert_eq!(taken, sent);
    }

    // S54
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_connection_from_before_the_refusal_works_and_none_begins_after_it() {
        let listener = bind(Listen::at(HERE, 0)).unwrap();
        let addr = listener.local_addr().unwrap();
        let mut before = std::net::TcpStream::connect(addr).unwrap();
        refuse_new(&listener);
        let after = std::net::TcpStream::connect_timeout(&addr, Duration::from_millis(100));
        assert!(after.is_err(), "{after:?}");
        let (socket, _) = take_ready(&listener).unwrap().unwrap();
        assert!(take_ready(&listener).unwrap().is_none());
        socket.writable().await.unwrap();
        socket.try_write(b"hello").unwrap();
        let mut heard = [0; 5];
        std::io::Read::read_exact(&mut before, &mut heard).unwrap();
        assert_eq!(&heard, b"hello");
    }
}
