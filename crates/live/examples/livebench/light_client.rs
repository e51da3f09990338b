//! A client that costs so little that ten thousand of them do not distort the measurement: it searches
//! frames in a buffer instead of parsing them. It supports only text frames of at most 64 KiB.

use std::net::{Ipv4Addr, SocketAddr};

use live::ClientMsg;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::Failure;

pub struct LightClient {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Where the frame that was returned last ends.
    done: usize,
}

/// One of four loopback addresses, each of which has ports of its own.
pub fn local_address(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, 1 + (number % 4) as u8)
}

impl LightClient {
    /// Opens the live socket.
    pub async fn open(server: SocketAddr, from: Ipv4Addr) -> Result<Self, Failure> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(from.into(), 0))?;
        let mut stream = socket.connect(server).await?;
        stream.set_nodelay(true)?;
        let ask = format!(
            "GET /live HTTP/1.1\r\nhost: {server}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(ask.as_bytes()).await?;
        let mut this = Self { stream, buffer: Vec::new(), done: 0 };
        let head = loop {
            if let Some(end) = this.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            this.fill().await?;
        };
        if !this.buffer.starts_with(b"HTTP/1.1 101") {
            return Err(String::from_utf8_lossy(&this.buffer).into());
        }
        this.buffer.drain(..head);
        Ok(this)
    }

    /// Joins, and waits for the confirmation.
    pub async fn join(&mut self, topic: &str, since: u64) -> Result<(), Failure> {
        self.send_join(topic, since).await?;
        loop {
            let frame = self.frame().await?;
            if frame.starts_with(br#"{"type":"joined""#) {
                return Ok(());
            }
        }
    }

    pub async fn send_join(&mut self, topic: &str, since: u64) -> Result<(), Failure> {
        self.send(ClientMsg::Join { topic: topic.to_owned(), since }.encode().as_bytes()).await
    }

    /// The next text frame.
    pub async fn frame(&mut self) -> Result<&[u8], Failure> {
        self.buffer.drain(..self.done);
        self.done = 0;
        loop {
            if let Some((start, end)) = first_frame(&self.buffer) {
                self.done = end;
                return Ok(&self.buffer[start..end]);
            }
            self.fill().await?;
        }
    }

    /// The `at` of the next event, in microseconds.
    pub async fn event(&mut self) -> Result<u64, Failure> {
        loop {
            let frame = self.frame().await?;
            let Some(at) = frame.windows(5).position(|five| five == br#""at":"#) else { continue };
            let digits = frame[at + 5..].iter().take_while(|byte| byte.is_ascii_digit());
            return Ok(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')));
        }
    }

    async fn fill(&mut self) -> Result<(), Failure> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err("the server closed the socket".into());
        }
        Ok(())
    }

    /// Sends a frame with a mask of zeros, which is valid and needs no work.
    async fn send(&mut self, text: &[u8]) -> Result<(), Failure> {
        let mut frame = vec![0x81];
        match u8::try_from(text.len()) {
            Ok(short @ 0..126) => frame.push(0x80 | short),
            _ => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(text.len())?.to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text);
        Ok(self.stream.write_all(&frame).await?)
    }
}

/// The range of the first frame's payload, if the buffer has all of it.
fn first_frame(buffer: &[u8]) -> Option<(usize, usize)> {
    let (start, length) = match *buffer.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes([*buffer.get(2)?, *buffer.get(3)?]))),
        short => (2, usize::from(short)),
    };
    (buffer.len() >= start + length).then_some((start, start + length))
}
