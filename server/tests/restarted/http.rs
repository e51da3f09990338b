//! A strict HTTP client: it never retries, and gives up a connection only when a response announces it.

use std::{future::Future, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use tokio_util::sync::CancellationToken;

/// How long a response may take on a busy machine.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

/// A complete response.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// Whether the server closes the connection after it.
    pub fn closes(&self) -> bool {
        self.headers.get(header::CONNECTION).is_some_and(|value| value == "close")
    }
}

/// An open connection.
pub struct Connection(SendRequest<Body>);

impl Connection {
    pub async fn open(address: &str) -> Self {
        let stream = timeout(RESPONSE_TIMEOUT, TcpStream::connect(address)).await.expect("a connection").unwrap();
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    /// Sends a request and reads its whole response. Panics on any failure.
    pub async fn send(&mut self, request: Request<Body>) -> Answer {
        let sent = async {
            self.0.ready().await.expect("the connection is kept until an answer says otherwise");
            let (head, body) = self.0.send_request(request).await.expect("an answer").into_parts();
            let body = axum::body::to_bytes(Body::new(body), usize::MAX).await.expect("a whole answer");
            Answer { status: head.status, headers: head.headers, body }
        };
        timeout(RESPONSE_TIMEOUT, sent).await.expect("an answer in time")
    }
}

/// `GET` of a path.
pub fn get(address: &str, path: &str) -> Request<Body> {
    Request::get(path).header(header::HOST, address).body(Body::empty()).unwrap()
}

/// `POST` of a form with these encoded fields.
pub fn post(address: &str, path: &str, fields: &str) -> Request<Body> {
    let kind = "application/x-www-form-urlencoded";
    let request = Request::post(path).header(header::HOST, address).header(header::CONTENT_TYPE, kind);
    request.body(Body::from(fields.to_owned())).unwrap()
}

/// The head and body of an application for the first posting.
fn application(address: &str, name: &str) -> (String, String) {
    let part = |field: &str, value: &str| {
        format!("--edge\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
    };
    let file = "--edge\r\ncontent-disposition: form-data; name=\"cv\"; filename=\"cv.txt\"\r\n\r\n";
    let cv = format!("{name}\n\nSkills\nRust\n");
    let (name, email) = (part("name", name), part("email", &format!("{name}@example.org")));
    let body = format!("{name}{email}{file}{cv}\r\n--edge--\r\n");
    let head = format!(
        "POST /careers/backend-engineer/apply HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\
         content-type: multipart/form-data; boundary=edge\r\n\r\n",
        body.len()
    );
    (head, body)
}

/// An application as a request.
pub fn apply(address: &str, name: &str) -> Request<Body> {
    let request = Request::post("/careers/backend-engineer/apply").header(header::HOST, address);
    let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
    request.body(Body::from(application(address, name).1)).unwrap()
}

/// An upload that has stopped halfway.
pub struct Upload {
    stream: TcpStream,
    rest: String,
}

impl Upload {
    pub async fn begin(address: &str, name: &str) -> Self {
        let (head, mut body) = application(address, name);
        let rest = body.split_off(body.len() / 2);
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        Self { stream, rest }
    }

    /// Sends the rest; the status line of the response.
    pub async fn finish(mut self) -> String {
        use tokio::io::AsyncReadExt;
        self.stream.write_all(self.rest.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(RESPONSE_TIMEOUT, self.stream.read_to_string(&mut answer)).await.expect("an answer in time").unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }
}

/// Sends requests one after the other until `enough`, each on a new connection or on as few as the server
/// allows. Returns how many there were; panics when one has another status than `wanted`.
pub async fn repeat(
    address: String,
    kept: bool,
    wanted: StatusCode,
    enough: CancellationToken,
    request: impl Fn(usize) -> Request<Body> + Send,
) -> usize {
    let (mut count, mut connection) = (0, None);
    while !enough.is_cancelled() {
        let mut open = match connection.take() {
            Some(open) => open,
            None => Connection::open(&address).await,
        };
        let answer = open.send(request(count)).await;
        assert_eq!(answer.status, wanted, "{}", String::from_utf8_lossy(&answer.body));
        connection = (kept && !answer.closes()).then_some(open);
        count += 1;
        // A pause, so that the load does not starve the processes under test.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    count
}

/// Waits for `future` for a minute at most.
pub async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(60), future).await.expect("it takes less than a minute")
}
